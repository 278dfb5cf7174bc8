// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ZoneRegistry} from "./ZoneRegistry.sol";
import {ZonePacked} from "./ZonePacked.sol";
import {ZoneVault} from "./ZoneVault.sol";
import {Terms, Authorization, Item, MODE_DIRECT} from "./ZoneTypes.sol";

/// @title Direct payments for zone actions
/// @notice Takes an authorized amount and pays it out in the same transaction, exactly by the terms that
/// the authorization's nonce commits to (docs/protocol.md §8). Anyone may carry a payment here: nothing
/// but the terms decides who gets what.
contract ZoneSettlement is ZonePacked, ZoneRegistry {
    event Recovered(
        bytes32 indexed nonce,
        address indexed payer,
        bytes32 indexed zoneKey,
        address recipient,
        address creator,
        uint256 amount,
        uint256 protocolFee,
        uint256 creatorFee
    );

    constructor(address token_, address treasury_, address[] memory recoverers)
        ZoneVault(token_, treasury_, recoverers)
    {}

    /// @notice The nonce that an authorization must carry to be settled by these terms.
    function nonceOf(Terms calldata terms) public pure returns (bytes32) {
        return keccak256(abi.encode(TERMS_TYPEHASH, terms));
    }

    /// @notice Settles one payment or reverts with the reason.
    function settle(Terms calldata terms, Authorization calldata auth) external nonReentrant {
        Till memory till = _openTill(1);
        (bool ok, bytes memory reason) = _settleOne(till, terms, auth, nonceOf(terms));
        if (!ok) _revertWith(reason);
        _requireTaken(till);
        _payOutTill(till);
    }

    /// @notice Settles what can be settled; `SettleFailed` names each of the others.
    /// @return settled per item, so that a simulation needs no logs
    function settleBatch(Item[] calldata items) external nonReentrant returns (bool[] memory settled) {
        settled = new bool[](items.length);
        Till memory till = _openTill(items.length);
        for (uint256 i = 0; i < items.length; i++) {
            Item calldata item = items[i];
            bytes32 nonce = nonceOf(item.terms);
            (bool ok, bytes memory reason) = _settleOne(till, item.terms, item.authorization, nonce);
            settled[i] = ok;
            if (!ok) emit SettleFailed(i, nonce, item.authorization.from, reason);
        }
        _requireTaken(till);
        _payOutTill(till);
    }

    /// @notice Completes a payment whose transfer authorization somebody sent straight to the token.
    /// Only a recoverer, and only after it saw that very transfer in the chain's events.
    function recover(Terms calldata terms, Authorization calldata auth) external nonReentrant {
        bytes4 refusal = _refusal(terms, MODE_DIRECT, auth.kind);
        if (refusal != 0) _revertWith(abi.encodePacked(refusal));
        bytes32 nonce = nonceOf(terms);
        _takeSurplus(auth, terms.amount, terms.deadline, nonce);
        Till memory till = _openTill(1);
        (uint256 protocolFee, uint256 creatorFee) =
            _ringUp(till, terms.recipient, terms.creator, terms.amount, terms.creatorFeeBps);
        emit Recovered(
            nonce, auth.from, terms.zoneKey, terms.recipient, terms.creator, terms.amount, protocolFee, creatorFee
        );
        _payOutTill(till);
    }

    function _settleOne(Till memory till, Terms calldata terms, Authorization calldata auth, bytes32 nonce)
        private
        returns (bool ok, bytes memory reason)
    {
        bytes4 refusal = _refusal(terms, MODE_DIRECT, auth.kind);
        if (refusal == 0 && block.timestamp >= terms.deadline) refusal = DeadlinePassed.selector;
        if (refusal != 0) return (false, abi.encodePacked(refusal));
        (ok, reason) = _take(auth, terms.amount, terms.deadline, nonce);
        if (!ok) return (false, reason);
        (uint256 protocolFee, uint256 creatorFee) =
            _ringUp(till, terms.recipient, terms.creator, terms.amount, terms.creatorFeeBps);
        emit Settled(
            nonce, auth.from, terms.zoneKey, terms.recipient, terms.creator, terms.amount, protocolFee, creatorFee
        );
    }
}
