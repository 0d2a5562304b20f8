import { describeBlobContract } from '../contract.js';
import { serveStore } from './served-store.js';

describeBlobContract('a daemon, by its URL', serveStore);
