"""Every action a person can take, one id each."""
