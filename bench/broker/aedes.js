// aedes as its own documentation starts it, for bench/broker.ts: `node aedes.js PORT`.
import net from "node:net";
import { Aedes } from "aedes";

const aedes = await Aedes.createBroker();
net.createServer(aedes.handle).listen(Number(process.argv[2]), "127.0.0.1");
