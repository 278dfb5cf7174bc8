// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @dev A smart account of one key that can be told to misbehave when it is asked for a signature.
contract SmartWallet is IERC1271 {
    enum Mood {
        Honest,
        Refuse,
        Revert,
        BurnGas,
        Garbage,
        Hungry
    }

    address private immutable _owner;
    Mood public mood;
    /// @dev The gas that a hungry wallet uses before it answers honestly.
    uint256 public hunger;

    constructor(address owner) {
        _owner = owner;
    }

    function setMood(Mood mood_) external {
        mood = mood_;
    }

    function setHunger(uint256 hunger_) external {
        mood = Mood.Hungry;
        hunger = hunger_;
    }

    /// @dev Anyone may: these wallets hold test money only.
    function execute(address[] calldata targets, bytes[] calldata calls) external {
        for (uint256 i = 0; i < targets.length; i++) {
            (bool ok, bytes memory result) = targets[i].call(calls[i]);
            if (!ok) {
                assembly {
                    revert(add(result, 0x20), mload(result))
                }
            }
        }
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        if (mood == Mood.Revert) revert("wallet says no");
        if (mood == Mood.BurnGas) {
            while (true) {}
        }
        if (mood == Mood.Garbage) {
            assembly {
                mstore(0, not(0))
                return(0, 32)
            }
        }
        if (mood == Mood.Hungry) {
            uint256 start = gasleft();
            uint256 appetite = hunger;
            while (start - gasleft() < appetite) {}
        }
        (address signer, ECDSA.RecoverError err,) = ECDSA.tryRecoverCalldata(hash, signature);
        bool valid = (mood == Mood.Honest || mood == Mood.Hungry) && err == ECDSA.RecoverError.NoError && signer == _owner;
        return valid ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}
