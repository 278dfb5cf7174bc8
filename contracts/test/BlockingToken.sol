// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestUSDC} from "../TestUSDC.sol";

/// @dev A test USDC with USDC's own ways of refusing: a list of blocked accounts, and a pause.
contract BlockingToken is TestUSDC {
    error Blocked(address account);
    error Paused();

    mapping(address account => bool) public isBlocked;
    bool public paused;

    function setBlocked(address account, bool blocked) external {
        isBlocked[account] = blocked;
    }

    function setPaused(bool paused_) external {
        paused = paused_;
    }

    function _update(address from, address to, uint256 value) internal override {
        require(!paused, Paused());
        require(!isBlocked[from], Blocked(from));
        require(!isBlocked[to], Blocked(to));
        super._update(from, to, value);
    }
}
