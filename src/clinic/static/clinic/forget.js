// Nobody is signed in: whatever a session kept on this device goes.
import { forget } from "./kept.js";

forget();
