// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestUSDC} from "../TestUSDC.sol";

/// @dev A test USDC that logs something of its own before each transfer.
contract ChattyToken is TestUSDC {
    event Moving(address indexed from, address indexed to);

    function _update(address from, address to, uint256 value) internal override {
        emit Moving(from, to);
        super._update(from, to, value);
    }
}
