"""The contract between phone and office: pure functions, each with a JavaScript twin beside it."""
