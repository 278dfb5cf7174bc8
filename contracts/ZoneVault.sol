// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC3009} from "@openzeppelin/contracts/interfaces/draft-IERC3009.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {ZoneTill} from "./ZoneTill.sol";
import {
    Terms,
    Authorization,
    IDomain,
    IERC3009Bytes,
    KIND_TRANSFER,
    KIND_RECEIVE
} from "./ZoneTypes.sol";

/// @title How money comes in: by an authorization whose nonce commits to the terms
/// @notice A recoverer can only complete a payment that its payer signed, and only from money that belongs
/// to nobody else.
abstract contract ZoneVault is ZoneTill {
    event RecovererChanged(address indexed from, address indexed to);

    error InvalidRecoverer();
    error WrongChain();
    error WrongContract();
    error WrongToken();
    error WrongMode();
    error WrongKind();
    error InvalidAmount();
    error InvalidPayee();
    error DeadlinePassed();
    error NotRecoverer(address caller);
    error NotUsed();
    error AlreadyRecovered();
    error InvalidSignature();
    error InsufficientSurplus(uint256 surplus, uint256 amount);

    /// @notice Gas that the token gets to take an authorized amount, no more and no less: neither the
    /// caller's gas limit nor another payer's wallet must decide whether a good item fails.
    uint256 public constant AUTHORIZATION_GAS = 250_000;
    uint256 public constant WALLET_AUTHORIZATION_GAS = 1_000_000;

    bytes32 private constant TRANSFER_TYPEHASH = keccak256(
        "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );

    mapping(address account => bool) public isRecoverer;
    mapping(bytes32 paymentKey => bool) private _recovered;

    constructor(address token_, address treasury_, address[] memory recoverers) ZoneTill(token_, treasury_) {
        for (uint256 i = 0; i < recoverers.length; i++) {
            require(recoverers[i] != address(0), InvalidRecoverer());
            isRecoverer[recoverers[i]] = true;
            emit RecovererChanged(address(0), recoverers[i]);
        }
    }

    /// @notice Whether the payment of `from` with this nonce was completed by a recoverer.
    function isRecovered(address from, bytes32 nonce) public view returns (bool) {
        return _recovered[_paymentKey(from, nonce)];
    }

    /// @notice Gives the caller's right to recover to another key. Nobody can take it from its holder.
    function handOverRecoverer(address to) external {
        _requireRecoverer();
        require(to != address(0) && !isRecoverer[to], InvalidRecoverer());
        isRecoverer[msg.sender] = false;
        isRecoverer[to] = true;
        emit RecovererChanged(msg.sender, to);
    }

    /// @dev The first rule that the terms break, as the selector of its error; zero where there is none.
    function _refusal(Terms calldata terms, uint8 mode, uint8 kind) internal view returns (bytes4) {
        if (terms.chainId != block.chainid) return WrongChain.selector;
        if (terms.verifyingContract != address(this)) return WrongContract.selector;
        if (terms.token != address(token)) return WrongToken.selector;
        if (terms.mode != mode) return WrongMode.selector;
        if (kind > KIND_RECEIVE) return WrongKind.selector;
        if (terms.amount == 0) return InvalidAmount.selector;
        return _payeeRefusal(terms.recipient, terms.creator, terms.creatorFeeBps);
    }

    /// @dev The same for what the terms say about who is paid.
    function _payeeRefusal(address recipient, address creator, uint16 creatorFeeBps)
        internal
        view
        returns (bytes4)
    {
        if (creatorFeeBps > CREATOR_FEE_BPS_MAX) return CreatorFeeTooHigh.selector;
        if (!_canBePaid(recipient)) return InvalidPayee.selector;
        if (creatorFeeBps > 0 && !_canBePaid(creator)) return InvalidPayee.selector;
        return 0;
    }

    /// @dev Asks the token to move the authorized amount here; `ok` false and the reason if it refuses.
    function _take(Authorization calldata auth, uint256 amount, uint64 deadline, bytes32 nonce)
        internal
        returns (bool ok, bytes memory reason)
    {
        bool receives = auth.kind == KIND_RECEIVE;
        if (auth.signature.length == 0) {
            bytes memory plain = abi.encodeWithSelector(
                receives ? IERC3009.receiveWithAuthorization.selector : IERC3009.transferWithAuthorization.selector,
                auth.from, address(this), amount, auth.validAfter, deadline, nonce, auth.v, auth.r, auth.s
            );
            return _callToken(AUTHORIZATION_GAS, plain);
        }
        bytes memory wallet = abi.encodeWithSelector(
            receives
                ? IERC3009Bytes.receiveWithAuthorization.selector
                : IERC3009Bytes.transferWithAuthorization.selector,
            auth.from, address(this), amount, auth.validAfter, deadline, nonce, auth.signature
        );
        return _callToken(WALLET_AUTHORIZATION_GAS, wallet);
    }

    /// @dev Frees the money of a front-run authorization for one payment, once (docs/protocol.md §8).
    /// That it came from that authorization the caller must have seen in the chain's events: a nonce also
    /// counts as used after a cancellation, after a transfer of another amount, and after a settlement.
    function _takeSurplus(Authorization calldata auth, uint256 amount, uint64 deadline, bytes32 nonce) internal {
        _requireRecoverer();
        require(auth.kind == KIND_TRANSFER, WrongKind());
        require(IERC3009(address(token)).authorizationState(auth.from, nonce), NotUsed());
        bytes32 structHash = keccak256(
            abi.encode(TRANSFER_TYPEHASH, auth.from, address(this), amount, auth.validAfter, deadline, nonce)
        );
        bytes32 digest =
            MessageHashUtils.toTypedDataHash(IDomain(address(token)).DOMAIN_SEPARATOR(), structHash);
        bytes memory signature =
            auth.signature.length > 0 ? auth.signature : abi.encodePacked(auth.r, auth.s, auth.v);
        require(_isSignedBy(auth.from, digest, signature), InvalidSignature());
        bytes32 key = _paymentKey(auth.from, nonce);
        require(!_recovered[key], AlreadyRecovered());
        _recovered[key] = true;
        uint256 available = surplus();
        require(available >= amount, InsufficientSurplus(available, amount));
    }

    /// @dev A key's own signature counts even where its account has code, because an account that was
    /// given code after it paid could otherwise no longer be recovered.
    function _isSignedBy(address account, bytes32 digest, bytes memory signature) internal view returns (bool) {
        (address signer, ECDSA.RecoverError err,) = ECDSA.tryRecover(digest, signature);
        if (err == ECDSA.RecoverError.NoError && signer == account) return true;
        return account.code.length > 0 && SignatureChecker.isValidERC1271SignatureNow(account, digest, signature);
    }

    function _requireRecoverer() private view {
        require(isRecoverer[msg.sender], NotRecoverer(msg.sender));
    }

    function _canBePaid(address payee) private view returns (bool) {
        return payee != address(0) && payee != address(this);
    }

    function _paymentKey(address from, bytes32 nonce) private pure returns (bytes32) {
        return keccak256(abi.encode(from, nonce));
    }
}
