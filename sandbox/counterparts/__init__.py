"""Stand-ins of the four services that the bank calls, in a process of their own over real HTTP."""
