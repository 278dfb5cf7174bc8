// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev What a payer commits to through the authorization's nonce (docs/protocol.md §8).
/// The order of the fields is the order of the committed type and must never change.
struct Terms {
    uint256 chainId;
    address verifyingContract;
    address token;
    bytes32 zoneKey;
    bytes32 requestKey;
    address recipient;
    address creator;
    uint16 creatorFeeBps;
    uint256 amount;
    uint8 mode;
    uint64 deadline;
    bytes32 salt;
}

/// @dev A nested static struct is encoded flat, so this hashes as the fifteen members of ZoneEscrowTerms.
struct EscrowTerms {
    Terms base;
    uint64 escrowDeadline;
    address arbiter;
}

/// @dev The payer's EIP-3009 authorization. Receiver, value, validBefore and nonce are not here because
/// they follow from the terms: this contract, amount, deadline, and the hash of the terms.
/// `signature` empty: v, r, s. Otherwise `signature` is passed on and v, r, s are ignored.
struct Authorization {
    address from;
    uint256 validAfter;
    uint8 kind;
    uint8 v;
    bytes32 r;
    bytes32 s;
    bytes signature;
}

struct Item {
    Terms terms;
    Authorization authorization;
}

/// @dev The parts of `requestKey`; the escrow needs the middle one by itself.
struct RequestParts {
    bytes32 nodeKey;
    bytes32 taskId;
    bytes32 contentKey;
}

uint8 constant MODE_DIRECT = 0;
uint8 constant MODE_ESCROW = 1;
uint8 constant KIND_TRANSFER = 0;
uint8 constant KIND_RECEIVE = 1;

/// @dev The second form that USDC v2.2 gives each authorization, for smart accounts.
interface IERC3009Bytes {
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes memory signature
    ) external;

    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes memory signature
    ) external;
}

/// @dev What the token publishes so that others can check what was signed to it.
interface IDomain {
    // solhint-disable-next-line func-name-mixedcase
    function DOMAIN_SEPARATOR() external view returns (bytes32);
}
