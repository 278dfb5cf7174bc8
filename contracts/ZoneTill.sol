// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SlotDerivation} from "@openzeppelin/contracts/utils/SlotDerivation.sol";
import {TransientSlot} from "@openzeppelin/contracts/utils/TransientSlot.sol";
import {IDomain} from "./ZoneTypes.sol";

/// @title One token and the ways it is paid out: in three shares, once per payee, or held for its owner
/// @notice No owner, no pause, no upgrade. The token and the treasury never change.
abstract contract ZoneTill is ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using SlotDerivation for bytes32;
    using TransientSlot for bytes32;
    using TransientSlot for TransientSlot.Uint256Slot;

    /// @notice A share that the token refused to pay; its owner takes it with `claim`.
    event ShareHeld(address indexed owner, uint256 amount);
    event Claimed(address indexed owner, uint256 amount);

    error InvalidToken(address token);
    error InvalidTreasury();
    error CreatorFeeTooHigh();
    error InsufficientGas();
    error TokenShortfall(uint256 expected, uint256 received);
    error NothingToClaim();

    uint16 public constant PROTOCOL_FEE_BPS = 10;
    uint16 public constant CREATOR_FEE_BPS_MAX = 300;

    /// @notice Gas that a payout gets, no more and no less: the caller's gas limit must not decide whether a
    /// share is held back.
    uint256 public constant PAYOUT_GAS = 200_000;

    uint256 private constant BPS = 10_000;
    uint256 private constant CALL_GAS_MARGIN = 10_000;
    uint256 private constant REASON_BYTES_MAX = 256;
    bytes32 private constant TILL_SLOT = keccak256("zone-steward.ZoneTill");

    IERC20 public immutable token;
    address public immutable treasury;

    mapping(address owner => uint256) public claimable;

    /// @notice The part of the balance that belongs to somebody: claimable shares and held deposits.
    uint256 public reserved;

    /// @dev One transaction's takings. Sums per payee are in transient storage under TILL_SLOT.
    struct Till {
        uint256 taken;
        uint256 balanceBefore;
        uint256 protocolFees;
        address[] payees;
        uint256 payeeCount;
    }

    constructor(address token_, address treasury_) {
        require(token_.code.length > 0 && IDomain(token_).DOMAIN_SEPARATOR() != 0, InvalidToken(token_));
        require(treasury_ != address(0) && treasury_ != address(this), InvalidTreasury());
        token = IERC20(token_);
        treasury = treasury_;
    }

    /// @notice The balance that nobody owns: front-run authorizations, and tokens sent here by mistake.
    function surplus() public view returns (uint256) {
        uint256 balance = token.balanceOf(address(this));
        return balance > reserved ? balance - reserved : 0;
    }

    /// @notice The three shares of an amount; they always add up to it.
    function split(uint256 amount, uint16 creatorFeeBps)
        public
        pure
        returns (uint256 protocolFee, uint256 creatorFee, uint256 recipientAmount)
    {
        require(creatorFeeBps <= CREATOR_FEE_BPS_MAX, CreatorFeeTooHigh());
        protocolFee = _share(amount, PROTOCOL_FEE_BPS);
        creatorFee = _share(amount, creatorFeeBps);
        recipientAmount = amount - protocolFee - creatorFee;
    }

    /// @notice Pays the caller what the token refused to pay it before.
    function claim() external nonReentrant {
        _claim(msg.sender);
    }

    /// @notice The same for its owner, whoever carries it: the money goes to the owner and nowhere else.
    function claimFor(address owner) external nonReentrant {
        _claim(owner);
    }

    function _claim(address owner) private {
        uint256 amount = claimable[owner];
        require(amount > 0, NothingToClaim());
        claimable[owner] = 0;
        reserved -= amount;
        emit Claimed(owner, amount);
        token.safeTransfer(owner, amount);
    }

    function _openTill(uint256 payments) internal view returns (Till memory till) {
        till.payees = new address[](2 * payments + 1);
        till.balanceBefore = token.balanceOf(address(this));
    }

    /// @dev Adds the shares of one payment to what this transaction pays out.
    function _ringUp(Till memory till, address recipient, address creator, uint256 amount, uint16 creatorFeeBps)
        internal
        returns (uint256 protocolFee, uint256 creatorFee)
    {
        uint256 recipientAmount;
        (protocolFee, creatorFee, recipientAmount) = split(amount, creatorFeeBps);
        till.taken += amount;
        till.protocolFees += protocolFee;
        _owe(till, creator, creatorFee);
        _owe(till, recipient, recipientAmount);
    }

    /// @dev Nothing is paid out of older money: the token must really have delivered what was taken.
    function _requireTaken(Till memory till) internal view {
        uint256 received = token.balanceOf(address(this)) - till.balanceBefore;
        require(received >= till.taken, TokenShortfall(till.taken, received));
    }

    /// @dev One transfer per distinct payee.
    function _payOutTill(Till memory till) internal {
        _owe(till, treasury, till.protocolFees);
        for (uint256 i = 0; i < till.payeeCount; i++) {
            address payee = till.payees[i];
            TransientSlot.Uint256Slot slot = _tillSlot(payee);
            uint256 amount = slot.tload();
            slot.tstore(0);
            _payOut(payee, amount);
        }
    }

    /// @dev Pays, or keeps the amount for its owner if the token refuses; never reverts for that reason.
    function _payOut(address payee, uint256 amount) internal {
        (bool ok, bytes memory result) = _callToken(PAYOUT_GAS, abi.encodeCall(IERC20.transfer, (payee, amount)));
        if (ok && (result.length == 0 || bytes32(result) == bytes32(uint256(1)))) return;
        claimable[payee] += amount;
        reserved += amount;
        emit ShareHeld(payee, amount);
    }

    function _reserve(uint256 amount) internal {
        reserved += amount;
    }

    function _unreserve(uint256 amount) internal {
        reserved -= amount;
    }

    /// @dev Calls the token with exactly this much gas and copies at most 256 bytes of its answer.
    function _callToken(uint256 gasBound, bytes memory data) internal returns (bool ok, bytes memory result) {
        // A call is silently given less than it asks for when only 63/64 of the rest is less.
        require(gasleft() >= gasBound + gasBound / 63 + CALL_GAS_MARGIN, InsufficientGas());
        address target = address(token);
        uint256 bytesMax = REASON_BYTES_MAX;
        assembly ("memory-safe") {
            ok := call(gasBound, target, 0, add(data, 0x20), mload(data), 0, 0)
            let size := returndatasize()
            if gt(size, bytesMax) { size := bytesMax }
            result := mload(0x40)
            mstore(result, size)
            returndatacopy(add(result, 0x20), 0, size)
            mstore(0x40, add(add(result, 0x20), and(add(size, 0x1f), not(0x1f))))
        }
    }

    function _revertWith(bytes memory reason) internal pure {
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }

    function _owe(Till memory till, address payee, uint256 amount) internal {
        if (amount == 0) return;
        TransientSlot.Uint256Slot slot = _tillSlot(payee);
        uint256 owed = slot.tload();
        if (owed == 0) till.payees[till.payeeCount++] = payee;
        slot.tstore(owed + amount);
    }

    /// @dev Rounds down and cannot overflow, whatever the amount.
    function _share(uint256 amount, uint256 bps) private pure returns (uint256) {
        return (amount / BPS) * bps + ((amount % BPS) * bps) / BPS;
    }

    function _tillSlot(address payee) private pure returns (TransientSlot.Uint256Slot) {
        return TILL_SLOT.deriveMapping(payee).asUint256();
    }
}
