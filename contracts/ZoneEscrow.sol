// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ZoneVault} from "./ZoneVault.sol";
import {EscrowTerms, RequestParts, Authorization, MODE_ESCROW} from "./ZoneTypes.sol";

/// @title Payments for zone actions that are held until the work is accepted
/// @notice Money comes in by the terms that the authorization's nonce commits to and leaves by the rules of
/// docs/protocol.md §8 only: to the recipient (with the fees taken then) or back to the depositor.
contract ZoneEscrow is ZoneVault, EIP712 {
    enum Status {
        None,
        Deposited,
        Released,
        Refunded,
        Disputed
    }

    struct Escrow {
        address depositor;
        Status status;
        uint16 creatorFeeBps;
        uint64 deadline;
        address recipient;
        bytes12 nonceTag;
        uint256 amount;
        address creator;
        address arbiter;
    }

    event Deposited(
        bytes32 indexed escrowId,
        address indexed depositor,
        address indexed recipient,
        bytes32 nonce,
        bytes32 zoneKey,
        bytes32 taskId,
        address creator,
        uint16 creatorFeeBps,
        uint256 amount,
        uint64 deadline,
        address arbiter
    );
    event Released(
        bytes32 indexed escrowId,
        address indexed by,
        uint256 recipientAmount,
        uint256 protocolFee,
        uint256 creatorFee
    );
    event Refunded(bytes32 indexed escrowId, address indexed by, uint256 amount);
    event Disputed(bytes32 indexed escrowId, address indexed by, uint64 deadline);
    /// @notice A front-run deposit was completed; `Deposited` follows.
    event Recovered(bytes32 indexed nonce, address indexed payer, bytes32 indexed escrowId, uint256 amount);
    /// @notice A front-run deposit could not be opened, its id being in use, and went back to its payer.
    event Returned(bytes32 indexed nonce, address indexed payer, bytes32 indexed escrowId, uint256 amount);

    error WrongRequest();
    error InvalidEscrowDeadline();
    error InvalidArbiter();
    error EscrowInUse(bytes32 escrowId);
    error EscrowNotHeld(Status status);
    error AlreadyDisputed();
    error NotAllowed(address caller);
    error AlreadyDeposited();

    bytes32 public constant TERMS_TYPEHASH = keccak256(
        "ZoneEscrowTerms(uint256 chainId,address verifyingContract,address token,bytes32 zoneKey,bytes32 requestKey,address recipient,address creator,uint16 creatorFeeBps,uint256 amount,uint8 mode,uint64 deadline,bytes32 salt,uint64 escrowDeadline,address arbiter)"
    );
    bytes32 public constant RELEASE_TYPEHASH =
        keccak256("Release(bytes32 escrowId,address recipient,uint256 amount)");
    bytes32 public constant DISPUTE_TYPEHASH = keccak256("Dispute(bytes32 escrowId)");
    /// @notice How much later a dispute, the only one, moves the deadline.
    uint64 public constant DISPUTE_EXTENSION = 7 days;

    mapping(bytes32 escrowId => Escrow) private _escrows;

    constructor(address token_, address treasury_, address[] memory recoverers)
        ZoneVault(token_, treasury_, recoverers)
        EIP712("ZoneEscrow", "1")
    {}

    /// @notice The nonce that an authorization must carry to be deposited by these terms.
    function nonceOf(EscrowTerms calldata terms) public pure returns (bytes32) {
        return keccak256(abi.encode(TERMS_TYPEHASH, terms));
    }

    /// @notice The id of a depositor's escrow for a task, usable once for ever.
    function escrowIdOf(address depositor, bytes32 taskId) public pure returns (bytes32) {
        return keccak256(abi.encodePacked(depositor, taskId));
    }

    /// @notice An escrow as it stands; status None where there never was one.
    function escrowOf(bytes32 escrowId) external view returns (Escrow memory) {
        return _escrows[escrowId];
    }

    // solhint-disable-next-line func-name-mixedcase
    function DOMAIN_SEPARATOR() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    /// @notice Takes the authorized amount and holds it. Anyone may carry a deposit here.
    function deposit(EscrowTerms calldata terms, RequestParts calldata request, Authorization calldata auth)
        external
        nonReentrant
    {
        _requireValid(terms, request, auth);
        require(block.timestamp < terms.base.deadline, DeadlinePassed());
        require(block.timestamp < terms.escrowDeadline, InvalidEscrowDeadline());
        bytes32 escrowId = escrowIdOf(auth.from, request.taskId);
        require(_escrows[escrowId].status == Status.None, EscrowInUse(escrowId));
        bytes32 nonce = nonceOf(terms);
        Till memory till = _openTill(0);
        (bool ok, bytes memory reason) = _take(auth, terms.base.amount, terms.base.deadline, nonce);
        if (!ok) _revertWith(reason);
        till.taken = terms.base.amount;
        _requireTaken(till);
        _open(escrowId, terms, request.taskId, auth.from, nonce);
    }

    /// @notice Opens the escrow of a deposit whose transfer authorization somebody sent straight to the
    /// token, or gives the money back if its id is taken by another deposit. Only a recoverer, and only
    /// after it saw that very transfer in the chain's events.
    function recover(EscrowTerms calldata terms, RequestParts calldata request, Authorization calldata auth)
        external
        nonReentrant
    {
        _requireValid(terms, request, auth);
        bytes32 nonce = nonceOf(terms);
        _takeSurplus(auth, terms.base.amount, terms.base.deadline, nonce);
        bytes32 escrowId = escrowIdOf(auth.from, request.taskId);
        Escrow storage escrow = _escrows[escrowId];
        if (escrow.status == Status.None) {
            emit Recovered(nonce, auth.from, escrowId, terms.base.amount);
            _open(escrowId, terms, request.taskId, auth.from, nonce);
            return;
        }
        require(escrow.nonceTag != bytes12(nonce), AlreadyDeposited());
        emit Returned(nonce, auth.from, escrowId, terms.base.amount);
        _payOut(auth.from, terms.base.amount);
    }

    /// @notice Pays the recipient: by the depositor while the money is held, or by the arbiter while a
    /// dispute is open.
    function release(bytes32 escrowId) external nonReentrant {
        Escrow storage escrow = _held(escrowId);
        bool decides = _isArbiter(escrow, msg.sender) && block.timestamp < escrow.deadline;
        require(msg.sender == escrow.depositor || decides, NotAllowed(msg.sender));
        _payRecipient(escrowId, escrow, msg.sender);
    }

    /// @notice Pays the recipient by the depositor's EIP-712 `Release`, whoever carries it.
    function releaseWithSignature(bytes32 escrowId, bytes calldata signature) external nonReentrant {
        Escrow storage escrow = _held(escrowId);
        bytes32 structHash =
            keccak256(abi.encode(RELEASE_TYPEHASH, escrowId, escrow.recipient, escrow.amount));
        require(_isSignedBy(escrow.depositor, _hashTypedDataV4(structHash), signature), InvalidSignature());
        _payRecipient(escrowId, escrow, escrow.depositor);
    }

    /// @notice Pays the depositor back: by the recipient while the money is held, by the arbiter while a
    /// dispute is open, by anyone from the deadline on.
    function refund(bytes32 escrowId) external nonReentrant {
        Escrow storage escrow = _held(escrowId);
        bool allowed = msg.sender == escrow.recipient || block.timestamp >= escrow.deadline
            || _isArbiter(escrow, msg.sender);
        require(allowed, NotAllowed(msg.sender));
        uint256 amount = escrow.amount;
        escrow.status = Status.Refunded;
        _unreserve(amount);
        emit Refunded(escrowId, msg.sender, amount);
        _payOut(escrow.depositor, amount);
    }

    /// @notice Extends the deadline once, by the depositor or the recipient, before it.
    function dispute(bytes32 escrowId) external nonReentrant {
        Escrow storage escrow = _held(escrowId);
        require(_isParty(escrow, msg.sender), NotAllowed(msg.sender));
        _dispute(escrowId, escrow, msg.sender);
    }

    /// @notice The same by a party's EIP-712 `Dispute`, whoever carries it.
    function disputeWithSignature(bytes32 escrowId, address party, bytes calldata signature)
        external
        nonReentrant
    {
        Escrow storage escrow = _held(escrowId);
        require(_isParty(escrow, party), NotAllowed(party));
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(DISPUTE_TYPEHASH, escrowId)));
        require(_isSignedBy(party, digest, signature), InvalidSignature());
        _dispute(escrowId, escrow, party);
    }

    function _requireValid(EscrowTerms calldata terms, RequestParts calldata request, Authorization calldata auth)
        private
        view
    {
        bytes4 refusal = _refusal(terms.base, MODE_ESCROW, auth.kind);
        if (refusal != 0) _revertWith(abi.encodePacked(refusal));
        // Otherwise whoever carries the deposit could choose its id.
        require(keccak256(abi.encode(request)) == terms.base.requestKey, WrongRequest());
        require(terms.escrowDeadline <= type(uint64).max - DISPUTE_EXTENSION, InvalidEscrowDeadline());
        // Who decides a dispute must be neither of those who have it.
        require(terms.arbiter != terms.base.recipient && terms.arbiter != auth.from, InvalidArbiter());
    }

    function _open(bytes32 escrowId, EscrowTerms calldata terms, bytes32 taskId, address depositor, bytes32 nonce)
        private
    {
        _reserve(terms.base.amount);
        _escrows[escrowId] = Escrow({
            depositor: depositor,
            status: Status.Deposited,
            creatorFeeBps: terms.base.creatorFeeBps,
            deadline: terms.escrowDeadline,
            recipient: terms.base.recipient,
            nonceTag: bytes12(nonce),
            amount: terms.base.amount,
            creator: terms.base.creator,
            arbiter: terms.arbiter
        });
        emit Deposited(
            escrowId,
            depositor,
            terms.base.recipient,
            nonce,
            terms.base.zoneKey,
            taskId,
            terms.base.creator,
            terms.base.creatorFeeBps,
            terms.base.amount,
            terms.escrowDeadline,
            terms.arbiter
        );
    }

    function _payRecipient(bytes32 escrowId, Escrow storage escrow, address by) private {
        uint256 amount = escrow.amount;
        escrow.status = Status.Released;
        _unreserve(amount);
        Till memory till = _openTill(1);
        (uint256 protocolFee, uint256 creatorFee) =
            _ringUp(till, escrow.recipient, escrow.creator, amount, escrow.creatorFeeBps);
        emit Released(escrowId, by, amount - protocolFee - creatorFee, protocolFee, creatorFee);
        _payOutTill(till);
    }

    function _dispute(bytes32 escrowId, Escrow storage escrow, address by) private {
        require(escrow.status == Status.Deposited, AlreadyDisputed());
        require(block.timestamp < escrow.deadline, DeadlinePassed());
        uint64 deadline = escrow.deadline + DISPUTE_EXTENSION;
        escrow.status = Status.Disputed;
        escrow.deadline = deadline;
        emit Disputed(escrowId, by, deadline);
    }

    function _held(bytes32 escrowId) private view returns (Escrow storage escrow) {
        escrow = _escrows[escrowId];
        bool held = escrow.status == Status.Deposited || escrow.status == Status.Disputed;
        require(held, EscrowNotHeld(escrow.status));
    }

    function _isParty(Escrow storage escrow, address account) private view returns (bool) {
        return account == escrow.depositor || account == escrow.recipient;
    }

    /// @dev An escrow without arbiter has the zero address there, which nobody calls from.
    function _isArbiter(Escrow storage escrow, address account) private view returns (bool) {
        return escrow.status == Status.Disputed && account == escrow.arbiter;
    }
}
