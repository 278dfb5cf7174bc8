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
    "name": "claimFor",
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
  "0x60c0806040523461028d57613f09803803809161001c82856102d0565b833981019060608183031261028d57610034816102f3565b610040602083016102f3565b604083015190926001600160401b03821161028d57019280601f8501121561028d578351936001600160401b0385116102bc578460051b906040519561008960208401886102d0565b865260208087019282010192831161028d57602001905b8282106102a457505050803b15158061022d575b1561020d576001600160a01b0382168015159081610202575b50156101f3576001600160a01b031660805260a0525f5b815181101561017e576001600160a01b036100ff8284610307565b51161561016f576001906001600160a01b0361011b8285610307565b51165f52600260205260405f208260ff19825416179055818060a01b036101428285610307565b51165f7f68f9b3ef432a6c60aa72ce39d3b80201b88ba706d57b73f50a5c3f1f1477c12d8180a3016100e4565b633b3dd07960e11b5f5260045ffd5b604051613bd9908161033082396080518181816101cb015281816104660152818161154001528181611ef70152818161252901528181612689015281816129c801528181612c4a01528181612fb10152818161350f0152818161376b0152613a98015260a0518181816110a40152612b340152f35b6302979eb960e31b5f5260045ffd5b90503014155f6100cd565b63961c9a4f60e01b5f9081526001600160a01b0391909116600452602490fd5b50604051633644e51560e01b81526020816004816001600160a01b0386165afa908115610299575f91610263575b5015156100b4565b90506020813d602011610291575b8161027e602093836102d0565b8101031261028d57515f61025b565b5f80fd5b3d9150610271565b6040513d5f823e3d90fd5b602080916102b1846102f3565b8152019101906100a0565b634e487b7160e01b5f52604160045260245ffd5b601f909101601f19168101906001600160401b038211908210176102bc57604052565b51906001600160a01b038216820361028d57565b805182101561031b5760209160051b010190565b634e487b7160e01b5f52603260045260245ffdfe60806040526004361015610011575f80fd5b5f3560e01c80631388856514611c8e57806318c2d5ba14611c5357806320d388451461191e57806322f06ae4146118b65780632df7e82b1461138157806332eaf592146113465780633aa36987146112ee578063402914f51461128c5780634a928078146111075780634e71d92d146110c857806361d027b31461105a5780636a52def314610e8d5780636de75ff814610de457806382dc006e14610d0a578063897fa39a14610b2b5780638b6e1b6014610af2578063994b384814610ab85780639a2772b314610a625780639a44da8314610a275780639ae63c46146109c9578063a22d16541461096b578063bd645ffc146103c4578063be3782281461038b578063ddeae0331461031f578063ef597cd8146101ef578063fc0c546a146101815763fe60d12c14610142575f80fd5b3461017d575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261017d576020600154604051908152f35b5f80fd5b3461017d575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261017d57602060405173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000168152f35b3461017d5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261017d5773ffffffffffffffffffffffffffffffffffffffff61023b611d1f565b6102436131ab565b1680151580610308575b156102e057335f52600260205260405f207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff008154169055805f52600260205260405f2060017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00825416179055337f68f9b3ef432a6c60aa72ce39d3b80201b88ba706d57b73f50a5c3f1f1477c12d5f80a3005b7f767ba0f2000000000000000000000000000000000000000000000000000000005f5260045ffd5b50805f52600260205260ff60405f2054161561024d565b3461017d5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261017d57610366610359611d1f565b6103616123fe565b612bd8565b5f7f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d005b3461017d575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261017d576020604051600a8152f35b3461017d576103d236611dc6565b6103da6123fe565b60408101917fffffffff0000000000000000000000000000000000000000000000000000000061041261040c856123cc565b83612f5b565b168061094e575061042281612119565b916101008201359360ff61044a61043c61014086016123da565b926104456131ab565b6123cc565b166109265773ffffffffffffffffffffffffffffffffffffffff7f000000000000000000000000000000000000000000000000000000000000000016906104ed602086610496866122b7565b60405193849283927fe94a0102000000000000000000000000000000000000000000000000000000008452600484016020909392919373ffffffffffffffffffffffffffffffffffffffff60408201951681520152565b0381865afa9081156108b8575f916108eb575b50156108c3576020600491610514856122b7565b9067ffffffffffffffff6040519173ffffffffffffffffffffffffffffffffffffffff858401947f7c7c6cdb67a18743f49ec6fa9b35f50d52ed05cbed4cc592e13b44501c1a226786521660408401523060608401528a60808401528488013560a08401521660c08201528760e082015260e0815261059561010082611e60565b51902092604051928380927f3644e5150000000000000000000000000000000000000000000000000000000082525afa9081156108b8575f91610884575b5060429061064692604051917f19010000000000000000000000000000000000000000000000000000000000008352600283015260228201522060c0830161061b8185613113565b1590506108205761062f6106369185613113565b3691611faf565b905b610641846122b7565b61390e565b156107f85761065d83610658836122b7565b612efc565b805f52600360205260ff60405f2054166107d0575f52600360205260405f2060017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff008254161790556106ad611eae565b8481106107a05761036685610709610714877f66d9771cd37aa64a5a75015b53083fb35e811670ff642eca9dd9ce1e66bfea7360608961079861072f8b6106f2612472565b9961073b6107356107278d8460a08a019e8f6122b7565b60c08b019e8f6122b7565b9061072160e08d016123ef565b93613164565b9590946122b7565b9b6122b7565b996122b7565b73ffffffffffffffffffffffffffffffffffffffff60405197889701359b169986919273ffffffffffffffffffffffffffffffffffffffff60809497969592978160a0860199168552166020840152604083015260608201520152565b0390a4612b2a565b84907f89667c1f000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b7f3e493100000000000000000000000000000000000000000000000000000000005f5260045ffd5b7f8baa579f000000000000000000000000000000000000000000000000000000005f5260045ffd5b5061082d606084016123cc565b7fff00000000000000000000000000000000000000000000000000000000000000604051916080860135602084015260a0860135604084015260f81b1660608201526041815261087e606182611e60565b90610638565b90506020813d6020116108b0575b8161089f60209383611e60565b8101031261017d57516106466105d3565b3d9150610892565b6040513d5f823e3d90fd5b7f06b04889000000000000000000000000000000000000000000000000000000005f5260045ffd5b90506020813d60201161091e575b8161090660209383611e60565b8101031261017d5751801515810361017d5787610500565b3d91506108f9565b7f35a08a07000000000000000000000000000000000000000000000000000000005f5260045ffd5b6040516020810191825260048152610967602482611e60565b5190fd5b3461017d5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261017d576109ae6109a5611d1f565b60243590612efc565b5f526003602052602060ff60405f2054166040519015158152f35b3461017d5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261017d5760243561ffff8116810361017d57610a14606091600435612320565b9060405192835260208301526040820152f35b3461017d575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261017d57602060405162030d408152f35b3461017d57610a96610a7336611dc6565b9190610a7d6123fe565b610a85612472565b92610a8f82612119565b9184612d45565b919015610aaf5780610aaa6103669261297f565b612b2a565b50602081519101fd5b3461017d575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261017d57602060405161012c8152f35b3461017d575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261017d57602060405160018152f35b3461017d5760a07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261017d57600435610b65611cfc565b90610b6e611d63565b91610b77611d74565b60843590610b8484612ea3565b61ffff861695610b998161012c891115611f77565b67ffffffffffffffff825460a01c169267ffffffffffffffff81169380851115610cdf57509284600284610cc860609895610c5373ffffffffffffffffffffffffffffffffffffffff997fa591a8330c3807dbf2b47c9190af2206d06a9de397539f2efa93074457a86c419c99907fffffffff0000000000000000ffffffffffffffffffffffffffffffffffffffff7bffffffffffffffff000000000000000000000000000000000000000083549260a01b169116179055565b600183018989167fffffffffffffffffffffffff0000000000000000000000000000000000000000825416178155907fffffffffffffffffffff0000ffffffffffffffffffffffffffffffffffffffff75ffff000000000000000000000000000000000000000083549260a01b169116179055565b0155604051978852602088015260408701521693a3005b7f1b3bc544000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b3461017d5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261017d57600435610d44611cfc565b9073ffffffffffffffffffffffffffffffffffffffff610d6382612ea3565b9216918215610dbc57827fffffffffffffffffffffffff000000000000000000000000000000000000000082541617905533907fd75ae9a4ca867ea1df38dd382d2f3c004cf1f645ec63f22a4e42d14d54dcfe055f80a4005b7f5f53f5cd000000000000000000000000000000000000000000000000000000005f5260045ffd5b3461017d5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261017d576004355f52600460205260a060405f2080549061ffff600260018301549201549167ffffffffffffffff6040519473ffffffffffffffffffffffffffffffffffffffff81168652861c16602085015273ffffffffffffffffffffffffffffffffffffffff81166040850152841c1660608301526080820152f35b3461017d5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261017d5760043567ffffffffffffffff811161017d573660238201121561017d5780600401359067ffffffffffffffff821161017d573660248360051b8301011161017d5790610f066123fe565b610f0f81612089565b91610f198261258d565b905f907ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe3d81360301915b848110156110165760248160051b83010135908382121561017d5780600192840181602482016101a4610f7582612119565b93018b610f99610f91868d86610f8b8782612284565b91612d45565b9790926120d8565b90159081159052610fb0575b505050505001610f43565b73ffffffffffffffffffffffffffffffffffffffff610ffb610ff6611009937f4af11c00670572c61265cb2285061a9f5d16d9400cfa122f7a2363bfdcfb726395612284565b6122b7565b1694604051918291826122d8565b0390a48780828180610fa5565b6110568661102786610aaa8161297f565b5f7f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d60405191829182611d8b565b0390f35b3461017d575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261017d57602060405173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000168152f35b3461017d575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261017d576110fe6123fe565b61036633612bd8565b3461017d576101807ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261017d57604051602081017f5339b4e271df3bdaa093fa26e93445b9bb41284523a9ed36ab415579eba4f0a98152600435604083015260243573ffffffffffffffffffffffffffffffffffffffff811680910361017d57606083015260443573ffffffffffffffffffffffffffffffffffffffff811680910361017d57608083015260643560a083015260843560c083015260a43573ffffffffffffffffffffffffffffffffffffffff811680910361017d5760e083015260c43573ffffffffffffffffffffffffffffffffffffffff811680910361017d5761010083015260e43561ffff811680910361017d57610120830152610104356101408301526101243560ff811680910361017d57610160830152610144359167ffffffffffffffff831680930361017d57602092610180820152610164356101a08201526101a081526112816101c082611e60565b519020604051908152f35b3461017d5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261017d5773ffffffffffffffffffffffffffffffffffffffff6112d8611d1f565b165f525f602052602060405f2054604051908152f35b3461017d575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261017d5760206040517f5339b4e271df3bdaa093fa26e93445b9bb41284523a9ed36ab415579eba4f0a98152f35b3461017d575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261017d5760206040516203d0908152f35b3461017d5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261017d5760043567ffffffffffffffff811161017d576113d0903690600401611cce565b6113d86123fe565b801561172e57813560f81c604a8102818104604a14821517156116d457600101806001116116d457821061172e5761140f81612071565b9061141d6040519283611e60565b8082527fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe061144a82612071565b015f5b8181106118625750505f5b8181106117565750508051604a810290808204604a14901517156116d4578060010192836001116116d45760b661148f8583611ea1565b049360b6850285810460b614861517156116d4576114ac91612064565b0361172e576114ba83612089565b926114c5835161258d565b9460405192604084019184831067ffffffffffffffff841117611701576001926040526060855260208501606081526040517f5339b4e271df3bdaa093fa26e93445b9bb41284523a9ed36ab415579eba4f0a9602082015246604082015230606082015273ffffffffffffffffffffffffffffffffffffffff7f00000000000000000000000000000000000000000000000000000000000000001660808201525f60a08201525f60c08201525f60e08201525f6101008201525f6101208201525f6101408201525f6101608201525f6101808201525f6101a08201526101a081526115b26101c082611e60565b8652604051905f60208301525f60248301523060448301525f60648301525f60848301525f60a48301525f60c48301525f60e48301525f6101048301525f610124830152610124825261160761014483611e60565b520101915f925b8284106116a257505050506116228361297f565b5f5b8151811015611695578061168f61163d600193856120d8565b5161166873ffffffffffffffffffffffffffffffffffffffff60408301511660c08301519089612a76565b60a073ffffffffffffffffffffffffffffffffffffffff6020830151169101519087612a76565b01611624565b6110568361102786612b2a565b6116af848284888b6126bc565b6116b985886120d8565b901515905260b681018091116116d45760019093019261160e565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b7fc1f97e35000000000000000000000000000000000000000000000000000000005f5260045ffd5b604a810290808204604a14811517156116d4578160010191826001116116d45760018201928383116116d457604a840293808504604a14901517156116d4578360010190816001116116d457811061017d57861061017d5786810160010192036117c082866120d8565b51908060201161017d57833582528060341161017d5773ffffffffffffffffffffffffffffffffffffffff602085013560601c16908160208401528060481161017d57603485013560601c6040840181905290604a1161017d576118586080927fffffffff00000000000000000000000000000000000000000000000000000000926048600198013560f01c918260608801526131ee565b1691015201611458565b6040519060e082019180831067ffffffffffffffff841117611701576020926040525f81525f838201525f60408201525f60608201525f60808201525f60a08201525f60c08201528282870101520161144d565b3461017d5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261017d5773ffffffffffffffffffffffffffffffffffffffff611902611d1f565b165f526002602052602060ff60405f2054166040519015158152f35b3461017d5760a07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261017d5760043567ffffffffffffffff811161017d5761196d903690600401611cce565b611975611cfc565b9161197e611d63565b91611987611d74565b6084359082151580611c48575b15611c20576119ad61ffff86169561012c871115611f77565b6119b8368486611faf565b6020815191012093845f52600460205273ffffffffffffffffffffffffffffffffffffffff60405f20541680611bf557506040516119f581611e44565b338152602081019267ffffffffffffffff1692838152604082019873ffffffffffffffffffffffffffffffffffffffff1698898152606083018981526080840192878452895f52600460205260405f20945173ffffffffffffffffffffffffffffffffffffffff1673ffffffffffffffffffffffffffffffffffffffff1685547fffffffffffffffffffffffff0000000000000000000000000000000000000000161785555167ffffffffffffffff16611af79085907fffffffff0000000000000000ffffffffffffffffffffffffffffffffffffffff7bffffffffffffffff000000000000000000000000000000000000000083549260a01b169116179055565b60018401915173ffffffffffffffffffffffffffffffffffffffff1673ffffffffffffffffffffffffffffffffffffffff1682547fffffffffffffffffffffffff0000000000000000000000000000000000000000161782555161ffff16611ba091907fffffffffffffffffffff0000ffffffffffffffffffffffffffffffffffffffff75ffff000000000000000000000000000000000000000083549260a01b169116179055565b51906002015560405193608085526080850190611bbc92612013565b94602084015260408301526060820152803393037f86ddba4659e2a8b05c39b99c638f2ac36da214c759796cc1b75a5ceaf9297c3d91a4005b7f8973d173000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b7f8badf33a000000000000000000000000000000000000000000000000000000005f5260045ffd5b506040831115611994565b3461017d575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261017d576020604051620f42408152f35b3461017d575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261017d576020611cc6611eae565b604051908152f35b9181601f8401121561017d5782359167ffffffffffffffff831161017d576020838186019501011161017d57565b6024359073ffffffffffffffffffffffffffffffffffffffff8216820361017d57565b6004359073ffffffffffffffffffffffffffffffffffffffff8216820361017d57565b359073ffffffffffffffffffffffffffffffffffffffff8216820361017d57565b6044359061ffff8216820361017d57565b6064359067ffffffffffffffff8216820361017d57565b60206040818301928281528451809452019201905f5b818110611dae5750505090565b82511515845260209384019390920191600101611da1565b907ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc82016101a0811261017d576101801361017d57600491610184359067ffffffffffffffff821161017d577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc8260e09203011261017d5760040190565b60a0810190811067ffffffffffffffff82111761170157604052565b90601f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0910116810190811067ffffffffffffffff82111761170157604052565b919082039182116116d457565b6040517f70a0823100000000000000000000000000000000000000000000000000000000815230600482015260208160248173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000165afa9081156108b8575f91611f45575b5060015480821115611f3f57611f3c91611ea1565b90565b50505f90565b90506020813d602011611f6f575b81611f6060209383611e60565b8101031261017d57515f611f27565b3d9150611f53565b15611f7f5750565b61ffff907f431e19e7000000000000000000000000000000000000000000000000000000005f521660045260245ffd5b92919267ffffffffffffffff82116117015760405191611ff760207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f8401160184611e60565b82948184528183011161017d578281602093845f960137010152565b601f82602094937fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe093818652868601375f8582860101520116010190565b818102929181159184041417156116d457565b919082018092116116d457565b67ffffffffffffffff81116117015760051b60200190565b9061209382612071565b6120a06040519182611e60565b8281527fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe06120ce8294612071565b0190602036910137565b80518210156120ec5760209160051b010190565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b60405160208101917f5339b4e271df3bdaa093fa26e93445b9bb41284523a9ed36ab415579eba4f0a983528035604083015273ffffffffffffffffffffffffffffffffffffffff61216c60208301611d42565b16606083015273ffffffffffffffffffffffffffffffffffffffff61219360408301611d42565b166080830152606081013560a0830152608081013560c083015273ffffffffffffffffffffffffffffffffffffffff6121ce60a08301611d42565b1660e083015273ffffffffffffffffffffffffffffffffffffffff6121f560c08301611d42565b1661010083015260e081013561ffff8116810361017d5761ffff1661012083015261010081013561014083015261012081013560ff811680910361017d576101608301526101408101359067ffffffffffffffff8216820361017d5767ffffffffffffffff610160921661018084015201356101a08201526101a0815261227e6101c082611e60565b51902090565b9035907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff218136030182121561017d570190565b3573ffffffffffffffffffffffffffffffffffffffff8116810361017d5790565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f602060409481855280519182918282880152018686015e5f8582860101520116010190565b9061ffff169161012c83116123a457612710820492600a840290848204600a14851517156116d457612710840691600a830290838204600a14841517156116d457611f3c9361271061239061237e612397948361239f970490612064565b9561238a81889c612051565b93612051565b0490612064565b918295611ea1565b611ea1565b7fa94a61dc000000000000000000000000000000000000000000000000000000005f5260045ffd5b3560ff8116810361017d5790565b3567ffffffffffffffff8116810361017d5790565b3561ffff8116810361017d5790565b7f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005c61244a5760017f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d565b7f3ee5aeb5000000000000000000000000000000000000000000000000000000005f5260045ffd5b6040519061247f82611e44565b5f808352602083018181526040840182905260608085019081526080850192909252906040519060806124b28184611e60565b600383527fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe00136602084013752604051907f70a0823100000000000000000000000000000000000000000000000000000000825230600483015260208260248173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000165afa9182156108b8575f9261255c575052565b9091506020813d602011612585575b8161257860209383611e60565b8101031261017d57519052565b3d915061256b565b906040519161259b83611e44565b5f835260208301905f82525f60408501526060840193606085525f6080820152938160011b917f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff8116036116d457600182018092116116d4577fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe061263761262184612071565b9361262f6040519586611e60565b808552612071565b0136602084013752604051907f70a0823100000000000000000000000000000000000000000000000000000000825230600483015260208260248173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000165afa9182156108b8575f9261255c575052565b90919392936040519260c0840184811067ffffffffffffffff821117611701576040526040840192606085019260a08601926020893573ffffffffffffffffffffffffffffffffffffffff60168c013567ffffffffffffffff8360f81c93848d528c60ff8260f01c1696879101526fffffffffffffffffffffffffffffffff8160701c168c5260301c16895267ffffffffffffffff8160a01c1660808c01521686528251119081612973575b501561172e578651612779916120d8565b519687825199815193602083019b8c5173ffffffffffffffffffffffffffffffffffffffff169560408501998b8b5173ffffffffffffffffffffffffffffffffffffffff1660608801998a5161ffff16925193519460a08701526036880160c08701906020913760e08601526101008501526101208401526101408301526101808201526020605684016101a08301376020016101a090209960208b92015193612822946132a0565b9190156129185750509361289573ffffffffffffffffffffffffffffffffffffffff8080849796612910966128bf60a08e60406128887f2d2c8e103841ecf8d948b8e74d4617b7f6d548a5c83ad64846ca7366d6d94f759f61ffff8d5191511690612320565b96919b909c518251612064565b8152016128a38a8251612064565b905260c081016128b48b8251612064565b905201918251612064565b9052511699519a5116945116945160405195869586919273ffffffffffffffffffffffffffffffffffffffff60809497969592978160a0860199168552166020840152604083015260608201520152565b0390a4600190565b969750975050507f4af11c00670572c61265cb2285061a9f5d16d9400cfa122f7a2363bfdcfb7263925061296c915073ffffffffffffffffffffffffffffffffffffffff90511694604051918291826122d8565b0390a45f90565b6003915011155f612768565b6040517f70a0823100000000000000000000000000000000000000000000000000000000815230600482015260208160248173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000165afa80156108b8575f90612a42575b612a079150602083015190611ea1565b9051808210612a14575050565b7f4115a76c000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b506020813d602011612a6e575b81612a5c60209383611e60565b8101031261017d57612a0790516129f7565b3d9150612a4f565b908215612b255773ffffffffffffffffffffffffffffffffffffffff1691825f527f43b5be5d1a6dd352fcf5f199656b88ca5cc4737f0b75fc04c78996444651bbe860205260405f2092835c908115612ad9575b50612ad59250612064565b905d565b60806060850151940180517fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff81146116d457612ad595612b1e926001830190526120d8565b525f612aca565b505050565b612b5960408201517f000000000000000000000000000000000000000000000000000000000000000083612a76565b5f916060608083019201925b8251811015612bd25780612bcc73ffffffffffffffffffffffffffffffffffffffff612b9460019488516120d8565b5116805f527f43b5be5d1a6dd352fcf5f199656b88ca5cc4737f0b75fc04c78996444651bbe860205260405f20905f825c925d613488565b01612b65565b50915050565b73ffffffffffffffffffffffffffffffffffffffff16805f525f60205260405f2054908115612d1d57805f525f6020525f6040812055612c1a82600154611ea1565b600155807fd8138f8a3f377c5259ca548e70e4c2de94f129f5a11036a15b69513cba2b426a6020604051858152a27f000000000000000000000000000000000000000000000000000000000000000091604051917fa9059cbb000000000000000000000000000000000000000000000000000000005f5260045260245260205f60448180865af19060015f5114821615612cfc575b60405215612cba5750565b73ffffffffffffffffffffffffffffffffffffffff907f5274afe7000000000000000000000000000000000000000000000000000000005f521660045260245ffd5b906001811516612d1457823b15153d15161690612caf565b503d5f823e3d90fd5b7f969bf728000000000000000000000000000000000000000000000000000000005f5260045ffd5b93919290612d5e612d58604086016123cc565b82612f5b565b7fffffffff0000000000000000000000000000000000000000000000000000000081161580612e83575b612e5c575b7fffffffff000000000000000000000000000000000000000000000000000000001680612e39575061010081013593612dd483612dcd61014085016123da565b878461366c565b959096868815612e2d575083612e2861072f61070997958561073b6107356107276060987f2d2c8e103841ecf8d948b8e74d4617b7f6d548a5c83ad64846ca7366d6d94f759a60a06107149e019e8f6122b7565b0390a4565b5f985096505050505050565b94505050905060405191602083015260048252612e57602483611e60565b5f9190565b507f70f65caa00000000000000000000000000000000000000000000000000000000612d8d565b5067ffffffffffffffff612e9a61014084016123da565b16421015612d88565b5f52600460205260405f209073ffffffffffffffffffffffffffffffffffffffff825416338103612ed15750565b7fcbc94053000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b6040805173ffffffffffffffffffffffffffffffffffffffff909216602083019081529082019290925261227e81606081015b037fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe08101835282611e60565b90468235036130ed57612f70602083016122b7565b73ffffffffffffffffffffffffffffffffffffffff309116036130c757612f99604083016122b7565b73ffffffffffffffffffffffffffffffffffffffff807f0000000000000000000000000000000000000000000000000000000000000000169116036130a15760ff612fe761012084016123cc565b1661307b5760ff60019116116130565761010081013515613031578061301260a0611f3c93016122b7565b9061302b60e061302460c084016122b7565b92016123ef565b916131ee565b507f2c5211c60000000000000000000000000000000000000000000000000000000090565b507f35a08a070000000000000000000000000000000000000000000000000000000090565b50507f2a580d6d0000000000000000000000000000000000000000000000000000000090565b50507fa0f3feea0000000000000000000000000000000000000000000000000000000090565b50507fd348b9b00000000000000000000000000000000000000000000000000000000090565b50507f10dfc0330000000000000000000000000000000000000000000000000000000090565b9035907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe18136030182121561017d570180359067ffffffffffffffff821161017d5760200191813603831361017d57565b906131a49161317a6131a9949697959788612320565b949197819861318b819b8651612064565b855261319c60408601918251612064565b905283612a76565b612a76565b565b335f52600260205260ff60405f205416156131c257565b7f7fa08c88000000000000000000000000000000000000000000000000000000005f523360045260245ffd5b909161ffff169061012c82116132795761320790613a42565b156132535715159081613242575b5061321e575f90565b7fb387a2380000000000000000000000000000000000000000000000000000000090565b61324c9150613a42565b155f613215565b50507fb387a2380000000000000000000000000000000000000000000000000000000090565b5050507fa94a61dc0000000000000000000000000000000000000000000000000000000090565b929060807fffffffff0000000000000000000000000000000000000000000000000000000091969596015116916040810192835115613461575b7fffffffff0000000000000000000000000000000000000000000000000000000081161580613453575b61342c575b7fffffffff00000000000000000000000000000000000000000000000000000000168061340e57509460ff6040936076938860206133d9999a0151906001821615155f146133e55760027fef55bec600000000000000000000000000000000000000000000000000000000925b16156133dd57601c935b73ffffffffffffffffffffffffffffffffffffffff60a083015116905190606060808401519301519360208c015260248b015260648a0152608489015260a488015260c48701521660e485015201610104830137613a6d565b9091565b601b93613380565b60027fe3ee160e0000000000000000000000000000000000000000000000000000000092613376565b95505050505060405191602083015260048252612e57602483611e60565b507f70f65caa00000000000000000000000000000000000000000000000000000000613309565b506060820151421015613304565b507f2c5211c6000000000000000000000000000000000000000000000000000000006132da565b906040519173ffffffffffffffffffffffffffffffffffffffff60208401917fa9059cbb0000000000000000000000000000000000000000000000000000000083521692836024820152826044820152604481526134e7606482611e60565b620340b65a10613644575f91829151908273ffffffffffffffffffffffffffffffffffffffff7f00000000000000000000000000000000000000000000000000000000000000001662030d40f13d610100811161363b575b60405181815260207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f82840194805f873e0116820101604052826135dd575b50506135d95760207fbffd8b1dfcb7a7737e8625fea2ec3068c42704659c5b62688d25d1f9c25fa93391835f525f825260405f206135bf828254612064565b90556135cd81600154612064565b600155604051908152a2565b5050565b51801592509082156135f3575b50505f80613580565b6001925051906020811061360b575b50145f806135ea565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff9060200360031b1b165f613602565b5061010061353f565b7f1c26714c000000000000000000000000000000000000000000000000000000005f5260045ffd5b929192600160ff61367f604084016123cc565b16149260c08201936136918584613113565b905015613815579273ffffffffffffffffffffffffffffffffffffffff9492612f2f92613743955f146137e55767ffffffffffffffff7f88b7ab6300000000000000000000000000000000000000000000000000000000985b60206136ff6136f8866122b7565b9886613113565b9590966040519b8c9a848c019e8f521660248b01523060448b015260648a0152013560848801521660a486015260c485015260e060e4850152610104840191612013565b620fa7515a10613644575f91829151908273ffffffffffffffffffffffffffffffffffffffff7f000000000000000000000000000000000000000000000000000000000000000016620f4240f1903d9161010083116137db575b60207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f60405195808752805f8589013e01168401016040529190565b610100925061379d565b67ffffffffffffffff7fcf09299500000000000000000000000000000000000000000000000000000000986136ea565b6133d99594509260ff9160a0945f146138de5767ffffffffffffffff7fef55bec600000000000000000000000000000000000000000000000000000000965b61385d866122b7565b9373ffffffffffffffffffffffffffffffffffffffff61387f606089016123cc565b956040519a60208c01521660248a01523060448a01526064890152602086013560848901521660a487015260c48601521660e48401526080810135610104840152013561012482015261012481526138d961014482611e60565b613a6d565b67ffffffffffffffff7fe3ee160e0000000000000000000000000000000000000000000000000000000096613854565b6139188383613b10565b506004811015613a15571590816139f2575b506139ea57803b15159182613941575b5050905090565b5f925060647fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f866020975190604051957f1626ba7e00000000000000000000000000000000000000000000000000000000875260048701526040602487015288820190604487015e86848287010152011601915afa7f1626ba7e000000000000000000000000000000000000000000000000000000005f5114601f3d111616805f8061393a565b505050600190565b905073ffffffffffffffffffffffffffffffffffffffff8083169116145f61392a565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52602160045260245ffd5b73ffffffffffffffffffffffffffffffffffffffff168015159081613a65575090565b905030141590565b620407205a10613644575f81602082935191018273ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000166203d090f1903d906101008211613b06575b60207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f60405194808652805f8588013e0116830101604052565b6101009150613aca565b8151919060418303613b4057613b399250602082015190606060408401519301515f1a90613b4a565b9192909190565b50505f9160029190565b91907f7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a08411613bce579160209360809260ff5f9560405194855216868401526040830152606082015282805260015afa156108b8575f5173ffffffffffffffffffffffffffffffffffffffff811615613bc457905f905f90565b505f906001905f90565b5050505f916003919056" as const;

/** Is keccak256 of the runtime code of `ZoneSettlement` before its immutables are filled in. */
export const zoneSettlementRuntimeHash =
  "0xe8649f6f8df0157e6ccfefa86eb6bc17bd9ff6ed4540fa42a3b1790172ecb998" as const;
