"""A stand-in for Skatteetaten's Aktiv konto, in the form of its seed page and in today's."""
