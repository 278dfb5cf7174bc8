// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title A public list of zones, for information only
/// @notice Nothing that moves money reads it. Whoever registers an id first keeps it, so an entry proves
/// nothing until `envelopeHash` was compared with the envelope that the zone's creator signed.
abstract contract ZoneRegistry {
    struct Zone {
        address registrant;
        uint64 epoch;
        address creator;
        uint16 creatorFeeBps;
        bytes32 envelopeHash;
    }

    event ZoneRegistered(
        bytes32 indexed zoneKey,
        address indexed registrant,
        address indexed creator,
        string zoneId,
        uint16 creatorFeeBps,
        uint64 epoch,
        bytes32 envelopeHash
    );
    event ZoneUpdated(
        bytes32 indexed zoneKey,
        address indexed creator,
        uint16 creatorFeeBps,
        uint64 epoch,
        bytes32 envelopeHash
    );
    event ZoneHandedOver(bytes32 indexed zoneKey, address indexed from, address indexed to);

    error ZoneIdInvalid();
    error ZoneTaken(address registrant);
    error ZoneFeeTooHigh(uint16 creatorFeeBps);
    error NotRegistrant(address registrant);
    error ZoneEpochNotNewer(uint64 epoch);
    error ZoneRegistrantInvalid();

    uint16 private constant FEE_BPS_MAX = 300;
    uint256 private constant ZONE_ID_BYTES_MAX = 64;

    /// @notice The entry of `keccak256(zoneId)`; `registrant` is zero where there is none.
    mapping(bytes32 zoneKey => Zone) public zones;

    function registerZone(
        string calldata zoneId,
        address creator,
        uint16 creatorFeeBps,
        uint64 epoch,
        bytes32 envelopeHash
    ) external {
        uint256 length = bytes(zoneId).length;
        require(length > 0 && length <= ZONE_ID_BYTES_MAX, ZoneIdInvalid());
        require(creatorFeeBps <= FEE_BPS_MAX, ZoneFeeTooHigh(creatorFeeBps));
        bytes32 zoneKey = keccak256(bytes(zoneId));
        Zone storage zone = zones[zoneKey];
        require(zone.registrant == address(0), ZoneTaken(zone.registrant));
        zones[zoneKey] = Zone(msg.sender, epoch, creator, creatorFeeBps, envelopeHash);
        emit ZoneRegistered(zoneKey, msg.sender, creator, zoneId, creatorFeeBps, epoch, envelopeHash);
    }

    function updateZone(
        bytes32 zoneKey,
        address creator,
        uint16 creatorFeeBps,
        uint64 epoch,
        bytes32 envelopeHash
    ) external {
        Zone storage zone = _ownZone(zoneKey);
        require(creatorFeeBps <= FEE_BPS_MAX, ZoneFeeTooHigh(creatorFeeBps));
        require(epoch > zone.epoch, ZoneEpochNotNewer(zone.epoch));
        zone.epoch = epoch;
        zone.creator = creator;
        zone.creatorFeeBps = creatorFeeBps;
        zone.envelopeHash = envelopeHash;
        emit ZoneUpdated(zoneKey, creator, creatorFeeBps, epoch, envelopeHash);
    }

    function handOverZone(bytes32 zoneKey, address to) external {
        Zone storage zone = _ownZone(zoneKey);
        require(to != address(0), ZoneRegistrantInvalid());
        zone.registrant = to;
        emit ZoneHandedOver(zoneKey, msg.sender, to);
    }

    function _ownZone(bytes32 zoneKey) private view returns (Zone storage zone) {
        zone = zones[zoneKey];
        require(zone.registrant == msg.sender, NotRegistrant(zone.registrant));
    }
}
