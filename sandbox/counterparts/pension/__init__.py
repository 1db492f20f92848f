"""A stand-in for Skatteetaten's Tjenestepensjonsavtale, in the form of its seed page and in today's."""
