/** nginx of Debian on a free loopback port. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answering, type Daemon, freePort, stopper, temporaryFolder } from './processes.js';

/** Answers every request with 200 and five bytes. */
export async function startNginx(): Promise<Daemon & { readonly url: string }> {
  const nginx = await start('location / { return 200 "hello"; }');
  return { ...nginx, url: `http://127.0.0.1:${nginx.port}/` };
}

/** Serves the files of a folder by sendfile. */
export function startFileServer(root: string): Promise<Daemon> {
  return start(`sendfile on; tcp_nopush on; root ${root};`);
}

async function start(server: string): Promise<Daemon> {
  const folder = temporaryFolder();
  const port = await freePort();
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder.path}/${name};`,
  );
  const config = `
    worker_processes 1; daemon off; pid ${folder.path}/pid; error_log ${folder.path}/error.log;
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    events { worker_connections 1024; }
    http {
      access_log off; keepalive_requests 1000000000; ${paths.join(' ')}
      server { listen 127.0.0.1:${port}; ${server} }
    }`;
  const file = join(folder.path, 'nginx.conf');
  writeFileSync(file, config);
  const child = spawn('nginx', ['-c', file], { stdio: 'ignore' });
  await answering(child, port);
  return { port, stop: stopper(child, folder) };
}
