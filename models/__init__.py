"""Everything that needs no screen: data, review rules, training and scoring."""
