// PostGraphile 5 on its own HTTP server. Relations and orders are all there, indexed from the store on or not.
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import pg from "pg";
import { connection, port } from "./environment.mjs";

const pool = new pg.Pool(connection);
const preset = {
  extends: [PostGraphileAmberPreset],
  disablePlugins: ["PgIndexBehaviorsPlugin"],
  pgServices: [makePgService({ pool, schemas: ["public"] })],
  grafserv: { port, host: "127.0.0.1", graphiql: false, watch: false, maxRequestLength: 1_000_000 },
  grafast: { explain: false },
};
const instance = postgraphile(preset);
if (process.argv.includes("--schema")) {
  const { printSchema } = await import("graphql");
  console.log(printSchema(await instance.getSchema()));
  process.exit(0);
}
const server = createServer();
await instance.createServ(grafserv).addTo(server);
server.listen(port, "127.0.0.1");
