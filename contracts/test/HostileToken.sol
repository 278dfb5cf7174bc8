// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestUSDC} from "../TestUSDC.sol";

/// @dev A token that does what no token should, one thing at a time.
contract HostileToken is TestUSDC {
    enum Trick {
        None,
        Reenter,
        KeepAuthorized,
        ReturnFalse,
        ReturnNothing,
        ReturnTwo,
        ReturnLong,
        RevertLong,
        BurnGas
    }

    event Reentered(bool ok, bytes result);

    Trick public trick;
    address private _target;
    bytes private _data;

    function setTrick(Trick trick_) external {
        trick = trick_;
    }

    function setReentry(address target, bytes calldata data) external {
        trick = Trick.Reenter;
        _target = target;
        _data = data;
    }

    function transfer(address to, uint256 value) public override returns (bool) {
        if (trick == Trick.ReturnFalse) return false;
        super.transfer(to, value);
        if (trick == Trick.ReturnNothing) _answer(0);
        if (trick == Trick.ReturnLong) _answer(10_000);
        if (trick == Trick.ReturnTwo) {
            assembly {
                mstore(0, 2)
                return(0, 32)
            }
        }
        return true;
    }

    function _transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce
    ) internal override {
        if (trick == Trick.RevertLong) {
            assembly {
                revert(0, 10000)
            }
        }
        if (trick == Trick.BurnGas) {
            while (true) {}
        }
        super._transferWithAuthorization(from, to, value, validAfter, validBefore, nonce);
        if (trick == Trick.KeepAuthorized) _update(to, from, value);
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (trick != Trick.Reenter) return;
        (bool ok, bytes memory result) = _target.call(_data);
        emit Reentered(ok, result);
    }

    function _answer(uint256 size) private pure {
        assembly {
            return(0, size)
        }
    }
}
