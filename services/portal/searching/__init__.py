"""Finding anything of one's sites by any part of a name, a code, an amount or a memo; and the page of one payer."""
