// A cable to the server that can be cut and joined again, on the same port.
import net from 'node:net';
import { once } from 'node:events';

export async function cableTo(port) {
  const open = new Set();
  let own = 0;
  let listener;
  const keep = (socket) => {
    open.add(socket);
    socket.on('error', () => {}).on('close', () => open.delete(socket));
    return socket;
  };
  const join = async () => {
    listener = net.createServer((near) => {
      const far = keep(net.connect(port, '127.0.0.1'));
      keep(near).pipe(far).pipe(near);
      near.on('close', () => far.destroy());
      far.on('close', () => near.destroy());
    });
    await once(listener.listen(own, '127.0.0.1'), 'listening');
    own = listener.address().port;
  };
  const cut = () => {
    listener.close();
    for (const socket of open) socket.destroy();
  };
  await join();
  return { cut, join, port: own };
}
