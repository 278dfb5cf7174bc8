// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev Says which fid an account owns, as the registry of Farcaster does; anybody may write it.
contract FidRegistry {
    mapping(address owner => uint256 fid) public idOf;

    /// @dev Gives a fid to an account; 0 takes away the one that it has.
    function set(address owner, uint256 fid) external {
        idOf[owner] = fid;
    }
}
