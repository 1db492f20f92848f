"""A stand-in for the part of Dialogporten where an enterprise finds what Skatteetaten answered to its reports."""
