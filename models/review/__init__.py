"""The rules of reviewing: decisions, replay, ordering, rescoring. numpy only, no files, no Qt."""
