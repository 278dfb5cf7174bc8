// Written by scripts/compile-contracts.ts from contracts/ZoneSettlement.sol. Do not edit.

/** Is the ABI of `ZoneSettlement`. */
export const zoneSettlementAbi = [
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "token_",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "treasury_",
        "type": "address"
      },
      {
        "internalType": "address[]",
        "name": "recoverers",
        "type": "address[]"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "constructor"
  },
  {
    "inputs": [],
    "name": "AlreadyRecovered",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "CreatorFeeTooHigh",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "DeadlinePassed",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "InsufficientGas",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "surplus",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "InsufficientSurplus",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "InvalidAmount",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "InvalidPayee",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "InvalidRecoverer",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "InvalidSignature",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "token",
        "type": "address"
      }
    ],
    "name": "InvalidToken",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "InvalidTreasury",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "MalformedBatch",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "caller",
        "type": "address"
      }
    ],
    "name": "NotRecoverer",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "registrant",
        "type": "address"
      }
    ],
    "name": "NotRegistrant",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "NotUsed",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "NothingToClaim",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "ReentrancyGuardReentrantCall",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "token",
        "type": "address"
      }
    ],
    "name": "SafeERC20FailedOperation",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "expected",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "received",
        "type": "uint256"
      }
    ],
    "name": "TokenShortfall",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "WrongChain",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "WrongContract",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "WrongKind",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "WrongMode",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "WrongToken",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint64",
        "name": "epoch",
        "type": "uint64"
      }
    ],
    "name": "ZoneEpochNotNewer",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint16",
        "name": "creatorFeeBps",
        "type": "uint16"
      }
    ],
    "name": "ZoneFeeTooHigh",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "ZoneIdInvalid",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "ZoneRegistrantInvalid",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "registrant",
        "type": "address"
      }
    ],
    "name": "ZoneTaken",
    "type": "error"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "owner",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "Claimed",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "nonce",
        "type": "bytes32"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "payer",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "zoneKey",
        "type": "bytes32"
      },
      {
        "indexed": false,
        "internalType": "address",
        "name": "recipient",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "address",
        "name": "creator",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "protocolFee",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "creatorFee",
        "type": "uint256"
      }
    ],
    "name": "Recovered",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "from",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "to",
        "type": "address"
      }
    ],
    "name": "RecovererChanged",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "uint256",
        "name": "index",
        "type": "uint256"
      },
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "nonce",
        "type": "bytes32"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "payer",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "bytes",
        "name": "reason",
        "type": "bytes"
      }
    ],
    "name": "SettleFailed",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "nonce",
        "type": "bytes32"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "payer",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "zoneKey",
        "type": "bytes32"
      },
      {
        "indexed": false,
        "internalType": "address",
        "name": "recipient",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "address",
        "name": "creator",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "protocolFee",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "creatorFee",
        "type": "uint256"
      }
    ],
    "name": "Settled",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "owner",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "ShareHeld",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "zoneKey",
        "type": "bytes32"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "from",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "to",
        "type": "address"
      }
    ],
    "name": "ZoneHandedOver",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "zoneKey",
        "type": "bytes32"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "registrant",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "creator",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "string",
        "name": "zoneId",
        "type": "string"
      },
      {
        "indexed": false,
        "internalType": "uint16",
        "name": "creatorFeeBps",
        "type": "uint16"
      },
      {
        "indexed": false,
        "internalType": "uint64",
        "name": "epoch",
        "type": "uint64"
      },
      {
        "indexed": false,
        "internalType": "bytes32",
        "name": "envelopeHash",
        "type": "bytes32"
      }
    ],
    "name": "ZoneRegistered",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "zoneKey",
        "type": "bytes32"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "creator",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint16",
        "name": "creatorFeeBps",
        "type": "uint16"
      },
      {
        "indexed": false,
        "internalType": "uint64",
        "name": "epoch",
        "type": "uint64"
      },
      {
        "indexed": false,
        "internalType": "bytes32",
        "name": "envelopeHash",
        "type": "bytes32"
      }
    ],
    "name": "ZoneUpdated",
    "type": "event"
  },
  {
    "inputs": [],
    "name": "AUTHORIZATION_GAS",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "CREATOR_FEE_BPS_MAX",
    "outputs": [
      {
        "internalType": "uint16",
        "name": "",
        "type": "uint16"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "PACKING",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "PAYOUT_GAS",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "PROTOCOL_FEE_BPS",
    "outputs": [
      {
        "internalType": "uint16",
        "name": "",
        "type": "uint16"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "TERMS_TYPEHASH",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "",
        "type": "bytes32"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "WALLET_AUTHORIZATION_GAS",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "claim",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "owner",
        "type": "address"
      }
    ],
    "name": "claimable",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "to",
        "type": "address"
      }
    ],
    "name": "handOverRecoverer",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "zoneKey",
        "type": "bytes32"
      },
      {
        "internalType": "address",
        "name": "to",
        "type": "address"
      }
    ],
    "name": "handOverZone",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "from",
        "type": "address"
      },
      {
        "internalType": "bytes32",
        "name": "nonce",
        "type": "bytes32"
      }
    ],
    "name": "isRecovered",
    "outputs": [
      {
        "internalType": "bool",
        "name": "",
        "type": "bool"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "account",
        "type": "address"
      }
    ],
    "name": "isRecoverer",
    "outputs": [
      {
        "internalType": "bool",
        "name": "",
        "type": "bool"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "internalType": "uint256",
            "name": "chainId",
            "type": "uint256"
          },
          {
            "internalType": "address",
            "name": "verifyingContract",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "token",
            "type": "address"
          },
          {
            "internalType": "bytes32",
            "name": "zoneKey",
            "type": "bytes32"
          },
          {
            "internalType": "bytes32",
            "name": "requestKey",
            "type": "bytes32"
          },
          {
            "internalType": "address",
            "name": "recipient",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "creator",
            "type": "address"
          },
          {
            "internalType": "uint16",
            "name": "creatorFeeBps",
            "type": "uint16"
          },
          {
            "internalType": "uint256",
            "name": "amount",
            "type": "uint256"
          },
          {
            "internalType": "uint8",
            "name": "mode",
            "type": "uint8"
          },
          {
            "internalType": "uint64",
            "name": "deadline",
            "type": "uint64"
          },
          {
            "internalType": "bytes32",
            "name": "salt",
            "type": "bytes32"
          }
        ],
        "internalType": "struct Terms",
        "name": "terms",
        "type": "tuple"
      }
    ],
    "name": "nonceOf",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "",
        "type": "bytes32"
      }
    ],
    "stateMutability": "pure",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "internalType": "uint256",
            "name": "chainId",
            "type": "uint256"
          },
          {
            "internalType": "address",
            "name": "verifyingContract",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "token",
            "type": "address"
          },
          {
            "internalType": "bytes32",
            "name": "zoneKey",
            "type": "bytes32"
          },
          {
            "internalType": "bytes32",
            "name": "requestKey",
            "type": "bytes32"
          },
          {
            "internalType": "address",
            "name": "recipient",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "creator",
            "type": "address"
          },
          {
            "internalType": "uint16",
            "name": "creatorFeeBps",
            "type": "uint16"
          },
          {
            "internalType": "uint256",
            "name": "amount",
            "type": "uint256"
          },
          {
            "internalType": "uint8",
            "name": "mode",
            "type": "uint8"
          },
          {
            "internalType": "uint64",
            "name": "deadline",
            "type": "uint64"
          },
          {
            "internalType": "bytes32",
            "name": "salt",
            "type": "bytes32"
          }
        ],
        "internalType": "struct Terms",
        "name": "terms",
        "type": "tuple"
      },
      {
        "components": [
          {
            "internalType": "address",
            "name": "from",
            "type": "address"
          },
          {
            "internalType": "uint256",
            "name": "validAfter",
            "type": "uint256"
          },
          {
            "internalType": "uint8",
            "name": "kind",
            "type": "uint8"
          },
          {
            "internalType": "uint8",
            "name": "v",
            "type": "uint8"
          },
          {
            "internalType": "bytes32",
            "name": "r",
            "type": "bytes32"
          },
          {
            "internalType": "bytes32",
            "name": "s",
            "type": "bytes32"
          },
          {
            "internalType": "bytes",
            "name": "signature",
            "type": "bytes"
          }
        ],
        "internalType": "struct Authorization",
        "name": "auth",
        "type": "tuple"
      }
    ],
    "name": "recover",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "string",
        "name": "zoneId",
        "type": "string"
      },
      {
        "internalType": "address",
        "name": "creator",
        "type": "address"
      },
      {
        "internalType": "uint16",
        "name": "creatorFeeBps",
        "type": "uint16"
      },
      {
        "internalType": "uint64",
        "name": "epoch",
        "type": "uint64"
      },
      {
        "internalType": "bytes32",
        "name": "envelopeHash",
        "type": "bytes32"
      }
    ],
    "name": "registerZone",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "reserved",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "internalType": "uint256",
            "name": "chainId",
            "type": "uint256"
          },
          {
            "internalType": "address",
            "name": "verifyingContract",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "token",
            "type": "address"
          },
          {
            "internalType": "bytes32",
            "name": "zoneKey",
            "type": "bytes32"
          },
          {
            "internalType": "bytes32",
            "name": "requestKey",
            "type": "bytes32"
          },
          {
            "internalType": "address",
            "name": "recipient",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "creator",
            "type": "address"
          },
          {
            "internalType": "uint16",
            "name": "creatorFeeBps",
            "type": "uint16"
          },
          {
            "internalType": "uint256",
            "name": "amount",
            "type": "uint256"
          },
          {
            "internalType": "uint8",
            "name": "mode",
            "type": "uint8"
          },
          {
            "internalType": "uint64",
            "name": "deadline",
            "type": "uint64"
          },
          {
            "internalType": "bytes32",
            "name": "salt",
            "type": "bytes32"
          }
        ],
        "internalType": "struct Terms",
        "name": "terms",
        "type": "tuple"
      },
      {
        "components": [
          {
            "internalType": "address",
            "name": "from",
            "type": "address"
          },
          {
            "internalType": "uint256",
            "name": "validAfter",
            "type": "uint256"
          },
          {
            "internalType": "uint8",
            "name": "kind",
            "type": "uint8"
          },
          {
            "internalType": "uint8",
            "name": "v",
            "type": "uint8"
          },
          {
            "internalType": "bytes32",
            "name": "r",
            "type": "bytes32"
          },
          {
            "internalType": "bytes32",
            "name": "s",
            "type": "bytes32"
          },
          {
            "internalType": "bytes",
            "name": "signature",
            "type": "bytes"
          }
        ],
        "internalType": "struct Authorization",
        "name": "auth",
        "type": "tuple"
      }
    ],
    "name": "settle",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "components": [
              {
                "internalType": "uint256",
                "name": "chainId",
                "type": "uint256"
              },
              {
                "internalType": "address",
                "name": "verifyingContract",
                "type": "address"
              },
              {
                "internalType": "address",
                "name": "token",
                "type": "address"
              },
              {
                "internalType": "bytes32",
                "name": "zoneKey",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "requestKey",
                "type": "bytes32"
              },
              {
                "internalType": "address",
                "name": "recipient",
                "type": "address"
              },
              {
                "internalType": "address",
                "name": "creator",
                "type": "address"
              },
              {
                "internalType": "uint16",
                "name": "creatorFeeBps",
                "type": "uint16"
              },
              {
                "internalType": "uint256",
                "name": "amount",
                "type": "uint256"
              },
              {
                "internalType": "uint8",
                "name": "mode",
                "type": "uint8"
              },
              {
                "internalType": "uint64",
                "name": "deadline",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "salt",
                "type": "bytes32"
              }
            ],
            "internalType": "struct Terms",
            "name": "terms",
            "type": "tuple"
          },
          {
            "components": [
              {
                "internalType": "address",
                "name": "from",
                "type": "address"
              },
              {
                "internalType": "uint256",
                "name": "validAfter",
                "type": "uint256"
              },
              {
                "internalType": "uint8",
                "name": "kind",
                "type": "uint8"
              },
              {
                "internalType": "uint8",
                "name": "v",
                "type": "uint8"
              },
              {
                "internalType": "bytes32",
                "name": "r",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "s",
                "type": "bytes32"
              },
              {
                "internalType": "bytes",
                "name": "signature",
                "type": "bytes"
              }
            ],
            "internalType": "struct Authorization",
            "name": "authorization",
            "type": "tuple"
          }
        ],
        "internalType": "struct Item[]",
        "name": "items",
        "type": "tuple[]"
      }
    ],
    "name": "settleBatch",
    "outputs": [
      {
        "internalType": "bool[]",
        "name": "settled",
        "type": "bool[]"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes",
        "name": "packed",
        "type": "bytes"
      }
    ],
    "name": "settlePacked",
    "outputs": [
      {
        "internalType": "bool[]",
        "name": "settled",
        "type": "bool[]"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      },
      {
        "internalType": "uint16",
        "name": "creatorFeeBps",
        "type": "uint16"
      }
    ],
    "name": "split",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "protocolFee",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "creatorFee",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "recipientAmount",
        "type": "uint256"
      }
    ],
    "stateMutability": "pure",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "surplus",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "token",
    "outputs": [
      {
        "internalType": "contract IERC20",
        "name": "",
        "type": "address"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "treasury",
    "outputs": [
      {
        "internalType": "address",
        "name": "",
        "type": "address"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "zoneKey",
        "type": "bytes32"
      },
      {
        "internalType": "address",
        "name": "creator",
        "type": "address"
      },
      {
        "internalType": "uint16",
        "name": "creatorFeeBps",
        "type": "uint16"
      },
      {
        "internalType": "uint64",
        "name": "epoch",
        "type": "uint64"
      },
      {
        "internalType": "bytes32",
        "name": "envelopeHash",
        "type": "bytes32"
      }
    ],
    "name": "updateZone",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "zoneKey",
        "type": "bytes32"
      }
    ],
    "name": "zones",
    "outputs": [
      {
        "internalType": "address",
        "name": "registrant",
        "type": "address"
      },
      {
        "internalType": "uint64",
        "name": "epoch",
        "type": "uint64"
      },
      {
        "internalType": "address",
        "name": "creator",
        "type": "address"
      },
      {
        "internalType": "uint16",
        "name": "creatorFeeBps",
        "type": "uint16"
      },
      {
        "internalType": "bytes32",
        "name": "envelopeHash",
        "type": "bytes32"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  }
] as const;

/** Is the creation code of `ZoneSettlement`, without constructor arguments. */
export const zoneSettlementBytecode =
  "0x60c0806040523461028d57613eb8803803809161001c82856102d0565b833981019060608183031261028d57610034816102f3565b610040602083016102f3565b604083015190926001600160401b03821161028d57019280601f8501121561028d578351936001600160401b0385116102bc578460051b906040519561008960208401886102d0565b865260208087019282010192831161028d57602001905b8282106102a457505050803b15158061022d575b1561020d576001600160a01b0382168015159081610202575b50156101f3576001600160a01b031660805260a0525f5b815181101561017e576001600160a01b036100ff8284610307565b51161561016f576001906001600160a01b0361011b8285610307565b51165f52600260205260405f208260ff19825416179055818060a01b036101428285610307565b51165f7f68f9b3ef432a6c60aa72ce39d3b80201b88ba706d57b73f50a5c3f1f1477c12d8180a3016100e4565b633b3dd07960e11b5f5260045ffd5b604051613b88908161033082396080518181816101c0015281816103ef015281816111080152818161165c0152818161201301528181612645015281816127a501528181612ae401528181612f60015281816134be0152818161371a0152613a47015260a0518181816110520152612c500152f35b6302979eb960e31b5f5260045ffd5b90503014155f6100cd565b63961c9a4f60e01b5f9081526001600160a01b0391909116600452602490fd5b50604051633644e51560e01b81526020816004816001600160a01b0386165afa908115610299575f91610263575b5015156100b4565b90506020813d602011610291575b8161027e602093836102d0565b8101031261028d57515f61025b565b5f80fd5b3d9150610271565b6040513d5f823e3d90fd5b602080916102b1846102f3565b8152019101906100a0565b634e487b7160e01b5f52604160045260245ffd5b601f909101601f19168101906001600160401b038211908210176102bc57604052565b51906001600160a01b038216820361028d57565b805182101561031b5760209160051b010190565b634e487b7160e01b5f52603260045260245ffdfe60806040526004361015610011575f80fd5b5f3560e01c80631388856514611daa57806318c2d5ba14611d6f57806320d3884514611a3a57806322f06ae4146119d25780632df7e82b1461149d57806332eaf592146114625780633aa369871461140a578063402914f5146113a85780634a928078146112235780634e71d92d1461107657806361d027b3146110085780636a52def314610e3b5780636de75ff814610d9257806382dc006e14610cb8578063897fa39a14610ad95780638b6e1b6014610aa0578063994b384814610a665780639a2772b314610a105780639a44da83146109d55780639ae63c4614610977578063a22d165414610919578063bd645ffc1461034d578063be37822814610314578063ef597cd8146101e4578063fc0c546a146101765763fe60d12c14610137575f80fd5b34610172575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610172576020600154604051908152f35b5f80fd5b34610172575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261017257602060405173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000168152f35b346101725760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101725773ffffffffffffffffffffffffffffffffffffffff610230611e3b565b61023861315a565b16801515806102fd575b156102d557335f52600260205260405f207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff008154169055805f52600260205260405f2060017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00825416179055337f68f9b3ef432a6c60aa72ce39d3b80201b88ba706d57b73f50a5c3f1f1477c12d5f80a3005b7f767ba0f2000000000000000000000000000000000000000000000000000000005f5260045ffd5b50805f52600260205260ff60405f20541615610242565b34610172575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610172576020604051600a8152f35b346101725761035b36611ee2565b61036361251a565b60408101917fffffffff0000000000000000000000000000000000000000000000000000000061039b610395856124e8565b83612f0a565b16806108fc57506103ab81612235565b916101008201359360ff6103d36103c561014086016124f6565b926103ce61315a565b6124e8565b166108d45773ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000169061047660208661041f866123d3565b60405193849283927fe94a0102000000000000000000000000000000000000000000000000000000008452600484016020909392919373ffffffffffffffffffffffffffffffffffffffff60408201951681520152565b0381865afa908115610866575f91610899575b501561087157602060049161049d856123d3565b9067ffffffffffffffff6040519173ffffffffffffffffffffffffffffffffffffffff858401947f7c7c6cdb67a18743f49ec6fa9b35f50d52ed05cbed4cc592e13b44501c1a226786521660408401523060608401528a60808401528488013560a08401521660c08201528760e082015260e0815261051e61010082611f7c565b51902092604051928380927f3644e5150000000000000000000000000000000000000000000000000000000082525afa908115610866575f91610832575b506042906105cf92604051917f19010000000000000000000000000000000000000000000000000000000000008352600283015260228201522060c083016105a481856130c2565b1590506107ce576105b86105bf91856130c2565b36916120cb565b905b6105ca846123d3565b6138bd565b156107a6576105e6836105e1836123d3565b612eab565b805f52600360205260ff60405f20541661077e575f52600360205260405f2060017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00825416179055610636611fca565b84811061074e576107298561069261069d877f66d9771cd37aa64a5a75015b53083fb35e811670ff642eca9dd9ce1e66bfea736060896107216106b88b61067b61258e565b996106c46106be6106b08d8460a08a019e8f6123d3565b60c08b019e8f6123d3565b906106aa60e08d0161250b565b93613113565b9590946123d3565b9b6123d3565b996123d3565b73ffffffffffffffffffffffffffffffffffffffff60405197889701359b169986919273ffffffffffffffffffffffffffffffffffffffff60809497969592978160a0860199168552166020840152604083015260608201520152565b0390a4612c46565b5f7f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d005b84907f89667c1f000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b7f3e493100000000000000000000000000000000000000000000000000000000005f5260045ffd5b7f8baa579f000000000000000000000000000000000000000000000000000000005f5260045ffd5b506107db606084016124e8565b7fff00000000000000000000000000000000000000000000000000000000000000604051916080860135602084015260a0860135604084015260f81b1660608201526041815261082c606182611f7c565b906105c1565b90506020813d60201161085e575b8161084d60209383611f7c565b8101031261017257516105cf61055c565b3d9150610840565b6040513d5f823e3d90fd5b7f06b04889000000000000000000000000000000000000000000000000000000005f5260045ffd5b90506020813d6020116108cc575b816108b460209383611f7c565b81010312610172575180151581036101725787610489565b3d91506108a7565b7f35a08a07000000000000000000000000000000000000000000000000000000005f5260045ffd5b6040516020810191825260048152610915602482611f7c565b5190fd5b346101725760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101725761095c610953611e3b565b60243590612eab565b5f526003602052602060ff60405f2054166040519015158152f35b346101725760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101725760243561ffff81168103610172576109c260609160043561243c565b9060405192835260208301526040820152f35b34610172575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261017257602060405162030d408152f35b3461017257610a44610a2136611ee2565b9190610a2b61251a565b610a3361258e565b92610a3d82612235565b9184612cf4565b919015610a5d5780610a5861072992612a9b565b612c46565b50602081519101fd5b34610172575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261017257602060405161012c8152f35b34610172575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261017257602060405160018152f35b346101725760a07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261017257600435610b13611e18565b90610b1c611e7f565b91610b25611e90565b60843590610b3284612e52565b61ffff861695610b478161012c891115612093565b67ffffffffffffffff825460a01c169267ffffffffffffffff81169380851115610c8d57509284600284610c7660609895610c0173ffffffffffffffffffffffffffffffffffffffff997fa591a8330c3807dbf2b47c9190af2206d06a9de397539f2efa93074457a86c419c99907fffffffff0000000000000000ffffffffffffffffffffffffffffffffffffffff7bffffffffffffffff000000000000000000000000000000000000000083549260a01b169116179055565b600183018989167fffffffffffffffffffffffff0000000000000000000000000000000000000000825416178155907fffffffffffffffffffff0000ffffffffffffffffffffffffffffffffffffffff75ffff000000000000000000000000000000000000000083549260a01b169116179055565b0155604051978852602088015260408701521693a3005b7f1b3bc544000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b346101725760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261017257600435610cf2611e18565b9073ffffffffffffffffffffffffffffffffffffffff610d1182612e52565b9216918215610d6a57827fffffffffffffffffffffffff000000000000000000000000000000000000000082541617905533907fd75ae9a4ca867ea1df38dd382d2f3c004cf1f645ec63f22a4e42d14d54dcfe055f80a4005b7f5f53f5cd000000000000000000000000000000000000000000000000000000005f5260045ffd5b346101725760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610172576004355f52600460205260a060405f2080549061ffff600260018301549201549167ffffffffffffffff6040519473ffffffffffffffffffffffffffffffffffffffff81168652861c16602085015273ffffffffffffffffffffffffffffffffffffffff81166040850152841c1660608301526080820152f35b346101725760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101725760043567ffffffffffffffff811161017257366023820112156101725780600401359067ffffffffffffffff8211610172573660248360051b830101116101725790610eb461251a565b610ebd816121a5565b91610ec7826126a9565b905f907ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe3d81360301915b84811015610fc45760248160051b8301013590838212156101725780600192840181602482016101a4610f2382612235565b93018b610f47610f3f868d86610f3987826123a0565b91612cf4565b9790926121f4565b90159081159052610f5e575b505050505001610ef1565b73ffffffffffffffffffffffffffffffffffffffff610fa9610fa4610fb7937f4af11c00670572c61265cb2285061a9f5d16d9400cfa122f7a2363bfdcfb7263956123a0565b6123d3565b1694604051918291826123f4565b0390a48780828180610f53565b61100486610fd586610a5881612a9b565b5f7f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d60405191829182611ea7565b0390f35b34610172575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261017257602060405173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000168152f35b34610172575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610172576110ac61251a565b335f525f60205260405f205480156111fb57335f525f6020525f60408120556110d781600154611fbd565b6001556040518181527fd8138f8a3f377c5259ca548e70e4c2de94f129f5a11036a15b69513cba2b426a60203392a27f000000000000000000000000000000000000000000000000000000000000000090604051907fa9059cbb000000000000000000000000000000000000000000000000000000005f523360045260245260205f60448180865af19060015f51148216156111db575b5015611199575f7f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d005b73ffffffffffffffffffffffffffffffffffffffff907f5274afe7000000000000000000000000000000000000000000000000000000005f521660045260245ffd5b60018215166111f35750813b15153d1516168261116e565b3d5f823e3d90fd5b7f969bf728000000000000000000000000000000000000000000000000000000005f5260045ffd5b34610172576101807ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261017257604051602081017f5339b4e271df3bdaa093fa26e93445b9bb41284523a9ed36ab415579eba4f0a98152600435604083015260243573ffffffffffffffffffffffffffffffffffffffff811680910361017257606083015260443573ffffffffffffffffffffffffffffffffffffffff811680910361017257608083015260643560a083015260843560c083015260a43573ffffffffffffffffffffffffffffffffffffffff81168091036101725760e083015260c43573ffffffffffffffffffffffffffffffffffffffff81168091036101725761010083015260e43561ffff811680910361017257610120830152610104356101408301526101243560ff811680910361017257610160830152610144359167ffffffffffffffff831680930361017257602092610180820152610164356101a08201526101a0815261139d6101c082611f7c565b519020604051908152f35b346101725760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101725773ffffffffffffffffffffffffffffffffffffffff6113f4611e3b565b165f525f602052602060405f2054604051908152f35b34610172575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101725760206040517f5339b4e271df3bdaa093fa26e93445b9bb41284523a9ed36ab415579eba4f0a98152f35b34610172575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101725760206040516203d0908152f35b346101725760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101725760043567ffffffffffffffff8111610172576114ec903690600401611dea565b6114f461251a565b801561184a57813560f81c604a8102818104604a14821517156117f057600101806001116117f057821061184a5761152b8161218d565b906115396040519283611f7c565b8082527fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe06115668261218d565b015f5b81811061197e5750505f5b8181106118725750508051604a810290808204604a14901517156117f0578060010192836001116117f05760b66115ab8583611fbd565b049360b6850285810460b614861517156117f0576115c891612180565b0361184a576115d6836121a5565b926115e183516126a9565b9460405192604084019184831067ffffffffffffffff84111761181d576001926040526060855260208501606081526040517f5339b4e271df3bdaa093fa26e93445b9bb41284523a9ed36ab415579eba4f0a9602082015246604082015230606082015273ffffffffffffffffffffffffffffffffffffffff7f00000000000000000000000000000000000000000000000000000000000000001660808201525f60a08201525f60c08201525f60e08201525f6101008201525f6101208201525f6101408201525f6101608201525f6101808201525f6101a08201526101a081526116ce6101c082611f7c565b8652604051905f60208301525f60248301523060448301525f60648301525f60848301525f60a48301525f60c48301525f60e48301525f6101048301525f610124830152610124825261172361014483611f7c565b520101915f925b8284106117be575050505061173e83612a9b565b5f5b81518110156117b157806117ab611759600193856121f4565b5161178473ffffffffffffffffffffffffffffffffffffffff60408301511660c08301519089612b92565b60a073ffffffffffffffffffffffffffffffffffffffff6020830151169101519087612b92565b01611740565b61100483610fd586612c46565b6117cb848284888b6127d8565b6117d585886121f4565b901515905260b681018091116117f05760019093019261172a565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b7fc1f97e35000000000000000000000000000000000000000000000000000000005f5260045ffd5b604a810290808204604a14811517156117f0578160010191826001116117f05760018201928383116117f057604a840293808504604a14901517156117f0578360010190816001116117f05781106101725786106101725786810160010192036118dc82866121f4565b5190806020116101725783358252806034116101725773ffffffffffffffffffffffffffffffffffffffff602085013560601c16908160208401528060481161017257603485013560601c6040840181905290604a11610172576119746080927fffffffff00000000000000000000000000000000000000000000000000000000926048600198013560f01c9182606088015261319d565b1691015201611574565b6040519060e082019180831067ffffffffffffffff84111761181d576020926040525f81525f838201525f60408201525f60608201525f60808201525f60a08201525f60c082015282828701015201611569565b346101725760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101725773ffffffffffffffffffffffffffffffffffffffff611a1e611e3b565b165f526002602052602060ff60405f2054166040519015158152f35b346101725760a07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101725760043567ffffffffffffffff811161017257611a89903690600401611dea565b611a91611e18565b91611a9a611e7f565b91611aa3611e90565b6084359082151580611d64575b15611d3c57611ac961ffff86169561012c871115612093565b611ad43684866120cb565b6020815191012093845f52600460205273ffffffffffffffffffffffffffffffffffffffff60405f20541680611d115750604051611b1181611f60565b338152602081019267ffffffffffffffff1692838152604082019873ffffffffffffffffffffffffffffffffffffffff1698898152606083018981526080840192878452895f52600460205260405f20945173ffffffffffffffffffffffffffffffffffffffff1673ffffffffffffffffffffffffffffffffffffffff1685547fffffffffffffffffffffffff0000000000000000000000000000000000000000161785555167ffffffffffffffff16611c139085907fffffffff0000000000000000ffffffffffffffffffffffffffffffffffffffff7bffffffffffffffff000000000000000000000000000000000000000083549260a01b169116179055565b60018401915173ffffffffffffffffffffffffffffffffffffffff1673ffffffffffffffffffffffffffffffffffffffff1682547fffffffffffffffffffffffff0000000000000000000000000000000000000000161782555161ffff16611cbc91907fffffffffffffffffffff0000ffffffffffffffffffffffffffffffffffffffff75ffff000000000000000000000000000000000000000083549260a01b169116179055565b51906002015560405193608085526080850190611cd89261212f565b94602084015260408301526060820152803393037f86ddba4659e2a8b05c39b99c638f2ac36da214c759796cc1b75a5ceaf9297c3d91a4005b7f8973d173000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b7f8badf33a000000000000000000000000000000000000000000000000000000005f5260045ffd5b506040831115611ab0565b34610172575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610172576020604051620f42408152f35b34610172575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610172576020611de2611fca565b604051908152f35b9181601f840112156101725782359167ffffffffffffffff8311610172576020838186019501011161017257565b6024359073ffffffffffffffffffffffffffffffffffffffff8216820361017257565b6004359073ffffffffffffffffffffffffffffffffffffffff8216820361017257565b359073ffffffffffffffffffffffffffffffffffffffff8216820361017257565b6044359061ffff8216820361017257565b6064359067ffffffffffffffff8216820361017257565b60206040818301928281528451809452019201905f5b818110611eca5750505090565b82511515845260209384019390920191600101611ebd565b907ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc82016101a08112610172576101801361017257600491610184359067ffffffffffffffff8211610172577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc8260e0920301126101725760040190565b60a0810190811067ffffffffffffffff82111761181d57604052565b90601f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0910116810190811067ffffffffffffffff82111761181d57604052565b919082039182116117f057565b6040517f70a0823100000000000000000000000000000000000000000000000000000000815230600482015260208160248173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000165afa908115610866575f91612061575b506001548082111561205b5761205891611fbd565b90565b50505f90565b90506020813d60201161208b575b8161207c60209383611f7c565b8101031261017257515f612043565b3d915061206f565b1561209b5750565b61ffff907f431e19e7000000000000000000000000000000000000000000000000000000005f521660045260245ffd5b92919267ffffffffffffffff821161181d576040519161211360207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f8401160184611f7c565b829481845281830111610172578281602093845f960137010152565b601f82602094937fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe093818652868601375f8582860101520116010190565b818102929181159184041417156117f057565b919082018092116117f057565b67ffffffffffffffff811161181d5760051b60200190565b906121af8261218d565b6121bc6040519182611f7c565b8281527fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe06121ea829461218d565b0190602036910137565b80518210156122085760209160051b010190565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b60405160208101917f5339b4e271df3bdaa093fa26e93445b9bb41284523a9ed36ab415579eba4f0a983528035604083015273ffffffffffffffffffffffffffffffffffffffff61228860208301611e5e565b16606083015273ffffffffffffffffffffffffffffffffffffffff6122af60408301611e5e565b166080830152606081013560a0830152608081013560c083015273ffffffffffffffffffffffffffffffffffffffff6122ea60a08301611e5e565b1660e083015273ffffffffffffffffffffffffffffffffffffffff61231160c08301611e5e565b1661010083015260e081013561ffff811681036101725761ffff1661012083015261010081013561014083015261012081013560ff8116809103610172576101608301526101408101359067ffffffffffffffff821682036101725767ffffffffffffffff610160921661018084015201356101a08201526101a0815261239a6101c082611f7c565b51902090565b9035907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff2181360301821215610172570190565b3573ffffffffffffffffffffffffffffffffffffffff811681036101725790565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f602060409481855280519182918282880152018686015e5f8582860101520116010190565b9061ffff169161012c83116124c057612710820492600a840290848204600a14851517156117f057612710840691600a830290838204600a14841517156117f057612058936127106124ac61249a6124b394836124bb970490612180565b956124a681889c61216d565b9361216d565b0490612180565b918295611fbd565b611fbd565b7fa94a61dc000000000000000000000000000000000000000000000000000000005f5260045ffd5b3560ff811681036101725790565b3567ffffffffffffffff811681036101725790565b3561ffff811681036101725790565b7f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005c6125665760017f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d565b7f3ee5aeb5000000000000000000000000000000000000000000000000000000005f5260045ffd5b6040519061259b82611f60565b5f808352602083018181526040840182905260608085019081526080850192909252906040519060806125ce8184611f7c565b600383527fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe00136602084013752604051907f70a0823100000000000000000000000000000000000000000000000000000000825230600483015260208260248173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000165afa918215610866575f92612678575052565b9091506020813d6020116126a1575b8161269460209383611f7c565b8101031261017257519052565b3d9150612687565b90604051916126b783611f60565b5f835260208301905f82525f60408501526060840193606085525f6080820152938160011b917f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff8116036117f057600182018092116117f0577fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe061275361273d8461218d565b9361274b6040519586611f7c565b80855261218d565b0136602084013752604051907f70a0823100000000000000000000000000000000000000000000000000000000825230600483015260208260248173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000165afa918215610866575f92612678575052565b90919392936040519260c0840184811067ffffffffffffffff82111761181d576040526040840192606085019260a08601926020893573ffffffffffffffffffffffffffffffffffffffff60168c013567ffffffffffffffff8360f81c93848d528c60ff8260f01c1696879101526fffffffffffffffffffffffffffffffff8160701c168c5260301c16895267ffffffffffffffff8160a01c1660808c01521686528251119081612a8f575b501561184a578651612895916121f4565b519687825199815193602083019b8c5173ffffffffffffffffffffffffffffffffffffffff169560408501998b8b5173ffffffffffffffffffffffffffffffffffffffff1660608801998a5161ffff16925193519460a08701526036880160c08701906020913760e08601526101008501526101208401526101408301526101808201526020605684016101a08301376020016101a090209960208b9201519361293e9461324f565b919015612a34575050936129b173ffffffffffffffffffffffffffffffffffffffff8080849796612a2c966129db60a08e60406129a47f2d2c8e103841ecf8d948b8e74d4617b7f6d548a5c83ad64846ca7366d6d94f759f61ffff8d519151169061243c565b96919b909c518251612180565b8152016129bf8a8251612180565b905260c081016129d08b8251612180565b905201918251612180565b9052511699519a5116945116945160405195869586919273ffffffffffffffffffffffffffffffffffffffff60809497969592978160a0860199168552166020840152604083015260608201520152565b0390a4600190565b969750975050507f4af11c00670572c61265cb2285061a9f5d16d9400cfa122f7a2363bfdcfb72639250612a88915073ffffffffffffffffffffffffffffffffffffffff90511694604051918291826123f4565b0390a45f90565b6003915011155f612884565b6040517f70a0823100000000000000000000000000000000000000000000000000000000815230600482015260208160248173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000165afa8015610866575f90612b5e575b612b239150602083015190611fbd565b9051808210612b30575050565b7f4115a76c000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b506020813d602011612b8a575b81612b7860209383611f7c565b8101031261017257612b239051612b13565b3d9150612b6b565b908215612c415773ffffffffffffffffffffffffffffffffffffffff1691825f527f43b5be5d1a6dd352fcf5f199656b88ca5cc4737f0b75fc04c78996444651bbe860205260405f2092835c908115612bf5575b50612bf19250612180565b905d565b60806060850151940180517fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff81146117f057612bf195612c3a926001830190526121f4565b525f612be6565b505050565b612c7560408201517f000000000000000000000000000000000000000000000000000000000000000083612b92565b5f916060608083019201925b8251811015612cee5780612ce873ffffffffffffffffffffffffffffffffffffffff612cb060019488516121f4565b5116805f527f43b5be5d1a6dd352fcf5f199656b88ca5cc4737f0b75fc04c78996444651bbe860205260405f20905f825c925d613437565b01612c81565b50915050565b93919290612d0d612d07604086016124e8565b82612f0a565b7fffffffff0000000000000000000000000000000000000000000000000000000081161580612e32575b612e0b575b7fffffffff000000000000000000000000000000000000000000000000000000001680612de8575061010081013593612d8383612d7c61014085016124f6565b878461361b565b959096868815612ddc575083612dd76106b86106929795856106c46106be6106b06060987f2d2c8e103841ecf8d948b8e74d4617b7f6d548a5c83ad64846ca7366d6d94f759a60a061069d9e019e8f6123d3565b0390a4565b5f985096505050505050565b94505050905060405191602083015260048252612e06602483611f7c565b5f9190565b507f70f65caa00000000000000000000000000000000000000000000000000000000612d3c565b5067ffffffffffffffff612e4961014084016124f6565b16421015612d37565b5f52600460205260405f209073ffffffffffffffffffffffffffffffffffffffff825416338103612e805750565b7fcbc94053000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b6040805173ffffffffffffffffffffffffffffffffffffffff909216602083019081529082019290925261239a81606081015b037fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe08101835282611f7c565b904682350361309c57612f1f602083016123d3565b73ffffffffffffffffffffffffffffffffffffffff3091160361307657612f48604083016123d3565b73ffffffffffffffffffffffffffffffffffffffff807f0000000000000000000000000000000000000000000000000000000000000000169116036130505760ff612f9661012084016124e8565b1661302a5760ff60019116116130055761010081013515612fe05780612fc160a061205893016123d3565b90612fda60e0612fd360c084016123d3565b920161250b565b9161319d565b507f2c5211c60000000000000000000000000000000000000000000000000000000090565b507f35a08a070000000000000000000000000000000000000000000000000000000090565b50507f2a580d6d0000000000000000000000000000000000000000000000000000000090565b50507fa0f3feea0000000000000000000000000000000000000000000000000000000090565b50507fd348b9b00000000000000000000000000000000000000000000000000000000090565b50507f10dfc0330000000000000000000000000000000000000000000000000000000090565b9035907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe181360301821215610172570180359067ffffffffffffffff82116101725760200191813603831361017257565b906131539161312961315894969795978861243c565b949197819861313a819b8651612180565b855261314b60408601918251612180565b905283612b92565b612b92565b565b335f52600260205260ff60405f2054161561317157565b7f7fa08c88000000000000000000000000000000000000000000000000000000005f523360045260245ffd5b909161ffff169061012c8211613228576131b6906139f1565b1561320257151590816131f1575b506131cd575f90565b7fb387a2380000000000000000000000000000000000000000000000000000000090565b6131fb91506139f1565b155f6131c4565b50507fb387a2380000000000000000000000000000000000000000000000000000000090565b5050507fa94a61dc0000000000000000000000000000000000000000000000000000000090565b929060807fffffffff0000000000000000000000000000000000000000000000000000000091969596015116916040810192835115613410575b7fffffffff0000000000000000000000000000000000000000000000000000000081161580613402575b6133db575b7fffffffff0000000000000000000000000000000000000000000000000000000016806133bd57509460ff604093607693886020613388999a0151906001821615155f146133945760027fef55bec600000000000000000000000000000000000000000000000000000000925b161561338c57601c935b73ffffffffffffffffffffffffffffffffffffffff60a083015116905190606060808401519301519360208c015260248b015260648a0152608489015260a488015260c48701521660e485015201610104830137613a1c565b9091565b601b9361332f565b60027fe3ee160e0000000000000000000000000000000000000000000000000000000092613325565b95505050505060405191602083015260048252612e06602483611f7c565b507f70f65caa000000000000000000000000000000000000000000000000000000006132b8565b5060608201514210156132b3565b507f2c5211c600000000000000000000000000000000000000000000000000000000613289565b906040519173ffffffffffffffffffffffffffffffffffffffff60208401917fa9059cbb000000000000000000000000000000000000000000000000000000008352169283602482015282604482015260448152613496606482611f7c565b620340b65a106135f3575f91829151908273ffffffffffffffffffffffffffffffffffffffff7f00000000000000000000000000000000000000000000000000000000000000001662030d40f13d61010081116135ea575b60405181815260207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f82840194805f873e01168201016040528261358c575b50506135885760207fbffd8b1dfcb7a7737e8625fea2ec3068c42704659c5b62688d25d1f9c25fa93391835f525f825260405f2061356e828254612180565b905561357c81600154612180565b600155604051908152a2565b5050565b51801592509082156135a2575b50505f8061352f565b600192505190602081106135ba575b50145f80613599565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff9060200360031b1b165f6135b1565b506101006134ee565b7f1c26714c000000000000000000000000000000000000000000000000000000005f5260045ffd5b929192600160ff61362e604084016124e8565b16149260c082019361364085846130c2565b9050156137c4579273ffffffffffffffffffffffffffffffffffffffff9492612ede926136f2955f146137945767ffffffffffffffff7f88b7ab6300000000000000000000000000000000000000000000000000000000985b60206136ae6136a7866123d3565b98866130c2565b9590966040519b8c9a848c019e8f521660248b01523060448b015260648a0152013560848801521660a486015260c485015260e060e485015261010484019161212f565b620fa7515a106135f3575f91829151908273ffffffffffffffffffffffffffffffffffffffff7f000000000000000000000000000000000000000000000000000000000000000016620f4240f1903d91610100831161378a575b60207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f60405195808752805f8589013e01168401016040529190565b610100925061374c565b67ffffffffffffffff7fcf0929950000000000000000000000000000000000000000000000000000000098613699565b6133889594509260ff9160a0945f1461388d5767ffffffffffffffff7fef55bec600000000000000000000000000000000000000000000000000000000965b61380c866123d3565b9373ffffffffffffffffffffffffffffffffffffffff61382e606089016124e8565b956040519a60208c01521660248a01523060448a01526064890152602086013560848901521660a487015260c48601521660e484015260808101356101048401520135610124820152610124815261388861014482611f7c565b613a1c565b67ffffffffffffffff7fe3ee160e0000000000000000000000000000000000000000000000000000000096613803565b6138c78383613abf565b5060048110156139c4571590816139a1575b5061399957803b151591826138f0575b5050905090565b5f925060647fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f866020975190604051957f1626ba7e00000000000000000000000000000000000000000000000000000000875260048701526040602487015288820190604487015e86848287010152011601915afa7f1626ba7e000000000000000000000000000000000000000000000000000000005f5114601f3d111616805f806138e9565b505050600190565b905073ffffffffffffffffffffffffffffffffffffffff8083169116145f6138d9565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52602160045260245ffd5b73ffffffffffffffffffffffffffffffffffffffff168015159081613a14575090565b905030141590565b620407205a106135f3575f81602082935191018273ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000166203d090f1903d906101008211613ab5575b60207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f60405194808652805f8588013e0116830101604052565b6101009150613a79565b8151919060418303613aef57613ae89250602082015190606060408401519301515f1a90613af9565b9192909190565b50505f9160029190565b91907f7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a08411613b7d579160209360809260ff5f9560405194855216868401526040830152606082015282805260015afa15610866575f5173ffffffffffffffffffffffffffffffffffffffff811615613b7357905f905f90565b505f906001905f90565b5050505f916003919056" as const;

/** Is keccak256 of the runtime code of `ZoneSettlement` before its immutables are filled in. */
export const zoneSettlementRuntimeHash =
  "0x144804e96672a9e8e42748cffd399d89cd1bf3306581935518dee1021596e0de" as const;
