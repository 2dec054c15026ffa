"""The live processor against a scripted Stripe, held to Stripe's published document, and against localstripe."""
