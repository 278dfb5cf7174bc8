// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC3009} from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

/// @dev A token with permit and nothing of EIP-3009, as many are.
contract PermitToken is ERC20Permit {
    string public constant version = "1";

    constructor() ERC20("Permit Dollar", "PUSD") ERC20Permit("Permit Dollar") {}

    function decimals() public pure override returns (uint8) {
        return 6;
    }
}

/// @dev EIP-3009 for key accounts only, with any number of decimals.
contract KeysOnlyToken is ERC3009 {
    string public constant version = "2";
    uint8 private immutable _decimals;

    constructor(uint8 decimals_) ERC20("Keys Dollar", "KUSD") EIP712("Keys Dollar", "2") {
        _decimals = decimals_;
    }

    function decimals() public view override returns (uint8) {
        return _decimals;
    }

    // solhint-disable-next-line func-name-mixedcase
    function DOMAIN_SEPARATOR() external view returns (bytes32) {
        return _domainSeparatorV4();
    }
}

/// @dev Gives no reason when it reverts, and cannot receive with an authorization.
contract NoReceiveToken is EIP712 {
    string public constant name = "Half Dollar";
    string public constant version = "1";
    uint8 public constant decimals = 6;
    mapping(address authorizer => mapping(bytes32 nonce => bool)) public authorizationState;

    constructor() EIP712("Half Dollar", "1") {}

    // solhint-disable-next-line func-name-mixedcase
    function DOMAIN_SEPARATOR() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    function transferWithAuthorization(
        address, address, uint256, uint256, uint256, bytes32, uint8, bytes32, bytes32
    ) external pure {
        require(false);
    }
}

/// @dev The same, but it takes any call it does not know without a word.
contract AnyCallToken is NoReceiveToken {
    fallback() external {}
}
