"""The statements of reports. Instants are given to them; they know no time zone."""
