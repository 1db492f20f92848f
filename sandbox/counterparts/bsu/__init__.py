"""A stand-in for Skatteetaten's intake of BSU reports (RF-1360): submissions by POST, their documents by GET."""
