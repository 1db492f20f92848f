"""Who may see what: token, scope, mandate, the corridor a request walks, disclosure and refusals."""
