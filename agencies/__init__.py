"""The bank's errands: outbound clients to Lånekassen and Skatteetaten. Nothing here serves the API."""
