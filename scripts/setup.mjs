// npm run setup: installs what is missing, and builds the addon, the package and the programs. Can be repeated: what is up to date is left
// alone. Plain JavaScript without dependencies, as nothing is installed or built when it runs.

const major = Number(process.versions.node.split(".")[0]);
if (major < 20) {
  // Before anything is imported that an old Node could not even parse.
  process.stderr.write(
    `setup: tsbpf needs Node.js 20 or newer, this is ${process.version} (${process.execPath})\n` +
      "  install a newer one, or put it first on PATH, and run this again\n",
  );
  process.exitCode = 3;
} else {
  import("./setup/main.mjs").then(({ main }) => {
    process.exitCode = main(process.argv.slice(2));
  });
}
