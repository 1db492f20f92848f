"""Skatteetaten, Tjenestepensjonsavtale: pension providers' agreements with employers."""
