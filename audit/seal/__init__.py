"""The seal: every row of the trail under a signed root that is kept outside the database too."""
