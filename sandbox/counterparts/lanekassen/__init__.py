"""A stand-in for Lånekassen's look-up of a customer's student loan: DSOP Saldo studielån."""
