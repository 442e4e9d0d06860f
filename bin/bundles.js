#!/usr/bin/env node
const { main } = require('../dist/cli.cjs');

main();
