// A worker that serves nothing: its snapshot is the key it was given, and then it dies.
process.send({ kind: "serving" });
process.on("message", ({ kind, request }) => {
  if (kind === "drain") process.exit(0);
  const metrics = [process.env["TOLLGATE_REASONING_KEY"]];
  process.send({ kind: "snapshot", request, metrics }, () => process.exit(1));
});
