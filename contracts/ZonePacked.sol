// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC3009} from "@openzeppelin/contracts/interfaces/draft-IERC3009.sol";
import {ZoneVault} from "./ZoneVault.sol";
import {MODE_DIRECT} from "./ZoneTypes.sol";

/// @title Many direct payments in few bytes
/// @notice What all payments of a batch have in common is written once: zone, payees and fee per group;
/// chain, contract, token and mode not at all, as only one value of each could settle here. The nonce is
/// still recomputed from every committed term, so a wrong byte makes its own item fail and nothing else.
abstract contract ZonePacked is ZoneVault {
    event Settled(
        bytes32 indexed nonce,
        address indexed payer,
        bytes32 indexed zoneKey,
        address recipient,
        address creator,
        uint256 amount,
        uint256 protocolFee,
        uint256 creatorFee
    );
    /// @notice Says something about this transaction only: anybody can make any item fail.
    event SettleFailed(uint256 indexed index, bytes32 indexed nonce, address indexed payer, bytes reason);

    error MalformedBatch();

    bytes32 public constant TERMS_TYPEHASH = keccak256(
        "ZoneTerms(uint256 chainId,address verifyingContract,address token,bytes32 zoneKey,bytes32 requestKey,address recipient,address creator,uint16 creatorFeeBps,uint256 amount,uint8 mode,uint64 deadline,bytes32 salt)"
    );
    /// @notice The form of `settlePacked`'s bytes; contracts without this function know no such form.
    uint256 public constant PACKING = 1;

    /// @dev zoneKey 32, recipient 20, creator 20, creatorFeeBps 2.
    uint256 private constant GROUP_BYTES = 74;
    /// @dev group 1, flags 1, amount 16, deadline 8, validAfter 8, from 20, requestKey 32, salt 32, r 32, s 32.
    uint256 private constant ITEM_BYTES = 182;
    uint256 private constant FLAG_RECEIVE = 1;
    uint256 private constant FLAG_V28 = 2;
    uint256 private constant FLAGS = FLAG_RECEIVE | FLAG_V28;

    struct Group {
        bytes32 zoneKey;
        address recipient;
        address creator;
        uint16 creatorFeeBps;
        bytes4 refusal;
        uint256 recipientSum;
        uint256 creatorSum;
    }

    /// @dev Buffers that every item fills anew: the hashed terms, and the call to the token.
    struct Buffers {
        bytes terms;
        bytes call;
    }

    struct PackedItem {
        uint256 group;
        uint256 flags;
        uint256 amount;
        uint256 deadline;
        uint256 validAfter;
        address from;
    }

    /// @notice Settles what can be settled, of payments by key accounts; `SettleFailed` names each of the
    /// others.
    /// @param packed number of groups (1 byte), groups, items; all numbers big-endian
    /// @return settled per item, so that a simulation needs no logs
    function settlePacked(bytes calldata packed) external nonReentrant returns (bool[] memory settled) {
        Group[] memory groups = _readGroups(packed);
        uint256 start = 1 + groups.length * GROUP_BYTES;
        uint256 count = (packed.length - start) / ITEM_BYTES;
        require(packed.length == start + count * ITEM_BYTES, MalformedBatch());
        settled = new bool[](count);
        Till memory till = _openTill(groups.length);
        Buffers memory buffers = _openBuffers();
        uint256 cursor;
        assembly ("memory-safe") {
            cursor := add(packed.offset, start)
        }
        for (uint256 i = 0; i < count; i++) {
            settled[i] = _settlePacked(till, groups, buffers, cursor, i);
            cursor += ITEM_BYTES;
        }
        _requireTaken(till);
        for (uint256 i = 0; i < groups.length; i++) {
            Group memory group = groups[i];
            _owe(till, group.creator, group.creatorSum);
            _owe(till, group.recipient, group.recipientSum);
        }
        _payOutTill(till);
    }

    function _settlePacked(
        Till memory till,
        Group[] memory groups,
        Buffers memory buffers,
        uint256 cursor,
        uint256 index
    ) private returns (bool) {
        PackedItem memory item = _readItem(cursor);
        require(item.group < groups.length && item.flags <= FLAGS, MalformedBatch());
        Group memory group = groups[item.group];
        bytes32 nonce = _hashTerms(buffers.terms, group, item, cursor);
        (bool ok, bytes memory reason) = _tryTake(buffers.call, group, item, nonce, cursor);
        if (!ok) {
            emit SettleFailed(index, nonce, item.from, reason);
            return false;
        }
        (uint256 protocolFee, uint256 creatorFee, uint256 recipientAmount) =
            split(item.amount, group.creatorFeeBps);
        till.taken += item.amount;
        till.protocolFees += protocolFee;
        group.creatorSum += creatorFee;
        group.recipientSum += recipientAmount;
        emit Settled(
            nonce, item.from, group.zoneKey, group.recipient, group.creator, item.amount, protocolFee, creatorFee
        );
        return true;
    }

    function _tryTake(bytes memory call_, Group memory group, PackedItem memory item, bytes32 nonce, uint256 cursor)
        private
        returns (bool, bytes memory)
    {
        bytes4 refusal = group.refusal;
        if (item.amount == 0) refusal = InvalidAmount.selector;
        if (refusal == 0 && block.timestamp >= item.deadline) refusal = DeadlinePassed.selector;
        if (refusal != 0) return (false, abi.encodePacked(refusal));
        bytes4 selector = item.flags & FLAG_RECEIVE != 0
            ? IERC3009.receiveWithAuthorization.selector
            : IERC3009.transferWithAuthorization.selector;
        uint256 v = item.flags & FLAG_V28 != 0 ? 28 : 27;
        address from = item.from;
        uint256 amount = item.amount;
        uint256 validAfter = item.validAfter;
        uint256 deadline = item.deadline;
        assembly ("memory-safe") {
            // Selector, then from, to (there since _openBuffers), value, window, nonce, v, r, s.
            let p := add(call_, 0x20)
            mstore(p, selector)
            mstore(add(p, 4), from)
            mstore(add(p, 68), amount)
            mstore(add(p, 100), validAfter)
            mstore(add(p, 132), deadline)
            mstore(add(p, 164), nonce)
            mstore(add(p, 196), v)
            calldatacopy(add(p, 228), add(cursor, 118), 64)
        }
        return _callToken(AUTHORIZATION_GAS, call_);
    }

    /// @dev The members that differ from item to item; the others stand there since _openBuffers.
    function _hashTerms(bytes memory terms, Group memory group, PackedItem memory item, uint256 cursor)
        private
        pure
        returns (bytes32 nonce)
    {
        bytes32 zoneKey = group.zoneKey;
        address recipient = group.recipient;
        address creator = group.creator;
        uint256 creatorFeeBps = group.creatorFeeBps;
        uint256 amount = item.amount;
        uint256 deadline = item.deadline;
        assembly ("memory-safe") {
            let p := add(terms, 0x20)
            mstore(add(p, 0x80), zoneKey)
            calldatacopy(add(p, 0xa0), add(cursor, 54), 32) // requestKey
            mstore(add(p, 0xc0), recipient)
            mstore(add(p, 0xe0), creator)
            mstore(add(p, 0x100), creatorFeeBps)
            mstore(add(p, 0x120), amount)
            mstore(add(p, 0x160), deadline)
            calldatacopy(add(p, 0x180), add(cursor, 86), 32) // salt
            nonce := keccak256(p, 0x1a0)
        }
    }

    function _openBuffers() private view returns (Buffers memory buffers) {
        buffers.terms = abi.encode(
            TERMS_TYPEHASH, block.chainid, address(this), address(token), 0, 0, 0, 0, 0, 0, MODE_DIRECT, 0, 0
        );
        buffers.call = abi.encodeWithSelector(bytes4(0), 0, address(this), 0, 0, 0, 0, 0, 0, 0);
    }

    /// @dev Reads within `packed`, whose length the caller has checked.
    function _readItem(uint256 cursor) private pure returns (PackedItem memory item) {
        uint256 head;
        uint256 tail;
        assembly ("memory-safe") {
            head := calldataload(cursor)
            tail := calldataload(add(cursor, 22)) // the last 4 bytes of the deadline, validAfter, from
        }
        item.group = head >> 248;
        item.flags = (head >> 240) & 0xff;
        item.amount = (head >> 112) & type(uint128).max;
        item.deadline = (head >> 48) & type(uint64).max;
        item.validAfter = (tail >> 160) & type(uint64).max;
        item.from = address(uint160(tail));
    }

    function _readGroups(bytes calldata packed) private view returns (Group[] memory groups) {
        require(packed.length > 0, MalformedBatch());
        uint256 count = uint8(packed[0]);
        require(packed.length >= 1 + count * GROUP_BYTES, MalformedBatch());
        groups = new Group[](count);
        for (uint256 i = 0; i < count; i++) {
            bytes calldata raw = packed[1 + i * GROUP_BYTES:1 + (i + 1) * GROUP_BYTES];
            Group memory group = groups[i];
            group.zoneKey = bytes32(raw[0:32]);
            group.recipient = address(bytes20(raw[32:52]));
            group.creator = address(bytes20(raw[52:72]));
            group.creatorFeeBps = uint16(bytes2(raw[72:74]));
            group.refusal = _payeeRefusal(group.recipient, group.creator, group.creatorFeeBps);
        }
    }
}
