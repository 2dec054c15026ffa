// What both peers read: where the rows are, whose they are, and the port to listen on. As every contestant they read in
// the role of the gateway's readers, with the store set when the connection begins.
export const port = Number(process.argv[2]);
export const connection = {
  connectionString: process.env.BENCH_DATABASE_URL,
  options: `-c role=gateway_app -c app.store_id=${process.env.BENCH_STORE} -c jit=off`,
  max: 10,
};
