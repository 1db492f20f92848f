"""CertPub on a laptop: a certificate authority, its revocation services, a locator and a publisher."""
