// A page with the official Socket.IO client. It does what its script says, and prints what it hears as lines of JSON.
// node page.js <url> <path> <transports>; then one step a line on its standard input: {"emit": [event, body]} or {"end": true}.
const { io } = require('socket.io-client');
const [url, path, transports] = process.argv.slice(2);
const say = (event, ...bodies) => process.stdout.write(JSON.stringify([event, ...bodies]) + '\n');

const socket = io(url, { path, transports: transports.split(','), reconnection: false });
socket.on('connect', () => say('connect', socket.io.engine.transport.name));
socket.on('connect_error', (error) => say('connect_error', error.message));
socket.on('disconnect', (reason) => say('disconnect', reason));
socket.io.engine.on('upgrade', (transport) => say('upgrade', transport.name));
socket.onAny(say);

require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const step = JSON.parse(line);
  if (step.end) { socket.disconnect(); process.exit(0); }
  const [event, ...bodies] = step.emit;
  if (step.ack) socket.emit(event, ...bodies, (answer) => say('called back', answer)); else socket.emit(event, ...bodies);
});
