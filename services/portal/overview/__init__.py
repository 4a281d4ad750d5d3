"""All sites at a glance, and one site's payments as they come: for administrators and auditors."""
