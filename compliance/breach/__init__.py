"""Wrong disclosures and breaches: what was told wrongly, whom it hit, and who has to hear of it by when."""
