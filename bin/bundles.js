#!/usr/bin/env node
const { main } = require('../dist/command/cli.cjs');

main();
