// Starts `followcue lsp` and lets it answer for YAML and JSON files; everything else is in the server.
const { workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

async function activate(context) {
  client = started();
  context.subscriptions.push(
    workspace.onDidChangeConfiguration(async (change) => {
      if (change.affectsConfiguration("followcue")) {
        await client.stop();
        client = started();
      }
    }),
  );
}

function started() {
  const settings = workspace.getConfiguration("followcue");
  const option = (name, values) => values.flatMap((value) => [name, value]);
  const server = {
    command: settings.get("command"),
    args: ["lsp", ...option("--rules", settings.get("rules")), ...option("--pack", settings.get("packs"))],
    options: { cwd: workspace.workspaceFolders?.[0]?.uri.fsPath },
  };
  const made = new LanguageClient("followcue", "followcue", server, {
    documentSelector: ["yaml", "json"].map((language) => ({ scheme: "file", language })),
    synchronize: { fileEvents: workspace.createFileSystemWatcher("**/*.{yaml,yml,json}") },
  });
  made.start();
  return made;
}

function deactivate() {
  return client?.stop();
}

module.exports = { activate, deactivate };
