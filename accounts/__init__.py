"""What the bank knows: the ledger, the questions asked of it, the endpoints' documents."""
