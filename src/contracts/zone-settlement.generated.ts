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
  "0x60c08060405234610286576134e4803803809161001c82856102c9565b833981019060608183031261028657610034816102ec565b610040602083016102ec565b604083015190926001600160401b03821161028657019280601f85011215610286578351936001600160401b0385116102b5578460051b906040519561008960208401886102c9565b865260208087019282010192831161028657602001905b82821061029d57505050803b151580610226575b15610206576001600160a01b03821680151590816101fb575b50156101ec576001600160a01b031660805260a0525f5b815181101561017e576001600160a01b036100ff8284610300565b51161561016f576001906001600160a01b0361011b8285610300565b51165f52600260205260405f208260ff19825416179055818060a01b036101428285610300565b51165f7f68f9b3ef432a6c60aa72ce39d3b80201b88ba706d57b73f50a5c3f1f1477c12d8180a3016100e4565b633b3dd07960e11b5f5260045ffd5b6040516131bb908161032982396080518181816101aa015281816103d901528181610fa9015281816112ec01528181611ca8015281816122430152818161244e0152818161269101528181612aaa01528181612c8d0152612e5e015260a05181818161123601526125060152f35b6302979eb960e31b5f5260045ffd5b90503014155f6100cd565b63961c9a4f60e01b5f9081526001600160a01b0391909116600452602490fd5b50604051633644e51560e01b81526020816004816001600160a01b0386165afa908115610292575f9161025c575b5015156100b4565b90506020813d60201161028a575b81610277602093836102c9565b8101031261028657515f610254565b5f80fd5b3d915061026a565b6040513d5f823e3d90fd5b602080916102aa846102ec565b8152019101906100a0565b634e487b7160e01b5f52604160045260245ffd5b601f909101601f19168101906001600160401b038211908210176102b557604052565b51906001600160a01b038216820361028657565b80518210156103145760209160051b010190565b634e487b7160e01b5f52603260045260245ffdfe60806040526004361015610011575f80fd5b5f3560e01c80631388856514611a7b57806318c2d5ba14611a4057806320d38845146116e957806322f06ae41461168157806332eaf592146116465780633aa36987146115ee578063402914f51461158c5780634a928078146114075780634e71d92d1461125a57806361d027b3146111ec5780636a52def314610dec5780636de75ff814610d4357806382dc006e14610c69578063897fa39a14610a8a578063994b384814610a505780639a2772b3146109fa5780639a44da83146109bf5780639ae63c4614610961578063a22d165414610903578063bd645ffc14610337578063be378228146102fe578063ef597cd8146101ce578063fc0c546a146101605763fe60d12c14610121575f80fd5b3461015c575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261015c576020600154604051908152f35b5f80fd5b3461015c575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261015c57602060405173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000168152f35b3461015c5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261015c5773ffffffffffffffffffffffffffffffffffffffff61021a611ade565b610222612935565b16801515806102e7575b156102bf57335f52600260205260405f207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff008154169055805f52600260205260405f2060017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00825416179055337f68f9b3ef432a6c60aa72ce39d3b80201b88ba706d57b73f50a5c3f1f1477c12d5f80a3005b7f767ba0f2000000000000000000000000000000000000000000000000000000005f5260045ffd5b50805f52600260205260ff60405f2054161561022c565b3461015c575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261015c576020604051600a8152f35b3461015c5761034536611b4a565b61034d6120f8565b60408101917fffffffff0000000000000000000000000000000000000000000000000000000061038561037f856120c6565b8361263b565b16806108e6575061039581611e02565b916101008201359360ff6103bd6103af61014086016120d4565b926103b8612935565b6120c6565b166108be5773ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000169061046060208661040986611ff9565b60405193849283927fe94a0102000000000000000000000000000000000000000000000000000000008452600484016020909392919373ffffffffffffffffffffffffffffffffffffffff60408201951681520152565b0381865afa908115610850575f91610883575b501561085b57602060049161048785611ff9565b9067ffffffffffffffff6040519173ffffffffffffffffffffffffffffffffffffffff858401947f7c7c6cdb67a18743f49ec6fa9b35f50d52ed05cbed4cc592e13b44501c1a226786521660408401523060608401528a60808401528488013560a08401521660c08201528760e082015260e0815261050861010082611c11565b51902092604051928380927f3644e5150000000000000000000000000000000000000000000000000000000082525afa908115610850575f9161081c575b506042906105b992604051917f19010000000000000000000000000000000000000000000000000000000000008352600283015260228201522060c0830161058e818561289d565b1590506107b8576105a26105a9918561289d565b3691611d60565b905b6105b484611ff9565b612fbe565b15610790576105d0836105cb83611ff9565b612603565b805f52600360205260ff60405f205416610768575f52600360205260405f2060017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00825416179055610620611c5f565b848110610738576107138561067c610687877f66d9771cd37aa64a5a75015b53083fb35e811670ff642eca9dd9ce1e66bfea7360608961070b6106a28b61066561218c565b996106ae6106a861069a8d8460a08a019e8f611ff9565b60c08b019e8f611ff9565b9061069460e08d016120e9565b936128ee565b959094611ff9565b9b611ff9565b99611ff9565b73ffffffffffffffffffffffffffffffffffffffff60405197889701359b169986919273ffffffffffffffffffffffffffffffffffffffff60809497969592978160a0860199168552166020840152604083015260608201520152565b0390a46124fc565b5f7f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d005b84907f89667c1f000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b7f3e493100000000000000000000000000000000000000000000000000000000005f5260045ffd5b7f8baa579f000000000000000000000000000000000000000000000000000000005f5260045ffd5b506107c5606084016120c6565b7fff00000000000000000000000000000000000000000000000000000000000000604051916080860135602084015260a0860135604084015260f81b16606082015260418152610816606182611c11565b906105ab565b90506020813d602011610848575b8161083760209383611c11565b8101031261015c57516105b9610546565b3d915061082a565b6040513d5f823e3d90fd5b7f06b04889000000000000000000000000000000000000000000000000000000005f5260045ffd5b90506020813d6020116108b6575b8161089e60209383611c11565b8101031261015c5751801515810361015c5787610473565b3d9150610891565b7f35a08a07000000000000000000000000000000000000000000000000000000005f5260045ffd5b60405160208101918252600481526108ff602482611c11565b5190fd5b3461015c5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261015c5761094661093d611ade565b60243590612603565b5f526003602052602060ff60405f2054166040519015158152f35b3461015c5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261015c5760243561ffff8116810361015c576109ac60609160043561201a565b9060405192835260208301526040820152f35b3461015c575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261015c57602060405162030d408152f35b3461015c57610a2e610a0b36611b4a565b9190610a156120f8565b610a1d61218c565b92610a2782611e02565b91846122a7565b919015610a475780610a4261071392612405565b6124fc565b50602081519101fd5b3461015c575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261015c57602060405161012c8152f35b3461015c5760a07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261015c57600435610ac4611abb565b90610acd611b22565b91610ad6611b33565b60843590610ae3846125aa565b61ffff861695610af88161012c891115611d28565b67ffffffffffffffff825460a01c169267ffffffffffffffff81169380851115610c3e57509284600284610c2760609895610bb273ffffffffffffffffffffffffffffffffffffffff997fa591a8330c3807dbf2b47c9190af2206d06a9de397539f2efa93074457a86c419c99907fffffffff0000000000000000ffffffffffffffffffffffffffffffffffffffff7bffffffffffffffff000000000000000000000000000000000000000083549260a01b169116179055565b600183018989167fffffffffffffffffffffffff0000000000000000000000000000000000000000825416178155907fffffffffffffffffffff0000ffffffffffffffffffffffffffffffffffffffff75ffff000000000000000000000000000000000000000083549260a01b169116179055565b0155604051978852602088015260408701521693a3005b7f1b3bc544000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b3461015c5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261015c57600435610ca3611abb565b9073ffffffffffffffffffffffffffffffffffffffff610cc2826125aa565b9216918215610d1b57827fffffffffffffffffffffffff000000000000000000000000000000000000000082541617905533907fd75ae9a4ca867ea1df38dd382d2f3c004cf1f645ec63f22a4e42d14d54dcfe055f80a4005b7f5f53f5cd000000000000000000000000000000000000000000000000000000005f5260045ffd5b3461015c5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261015c576004355f52600460205260a060405f2080549061ffff600260018301549201549167ffffffffffffffff6040519473ffffffffffffffffffffffffffffffffffffffff81168652861c16602085015273ffffffffffffffffffffffffffffffffffffffff81166040850152841c1660608301526080820152f35b3461015c5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261015c5760043567ffffffffffffffff811161015c573660238201121561015c57806004013567ffffffffffffffff811161015c573660248260051b8401011161015c57610e636120f8565b610e6c81611f6d565b610e796040519182611c11565b818152610e8582611f6d565b917fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe060208301930136843760405193610ebd85611bc8565b5f8552602085015f81525f604087015260608601606081525f60808801528360011b907f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff851685036111bf57600182018092116111bf577fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0610f57610f4184611f6d565b93610f4f6040519586611c11565b808552611f6d565b0136602084013752604051907f70a0823100000000000000000000000000000000000000000000000000000000825230600483015260208260248173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000165afa918215610850575f9261118b575b50949294525f917ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe3d82360301925b858110156111155760248160051b84010135908482121561015c5760019184016024810190826101a461103984611e02565b9201611051838d8661104b8582611f85565b916122a7565b949061105d848d611fb8565b90159081159052611074575b505050505001611007565b604073ffffffffffffffffffffffffffffffffffffffff6110c06110bb7f4af11c00670572c61265cb2285061a9f5d16d9400cfa122f7a2363bfdcfb726395602095611f85565b611ff9565b16957fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f835194859381855280519182918282880152018686015e5f85828601015201168101030190a48880828180611069565b818561112489610a4281612405565b5f7f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d604051918291602083019060208452518091526040830191905f5b818110611170575050500390f35b82511515845285945060209384019390920191600101611162565b9091506020813d6020116111b7575b816111a760209383611c11565b8101031261015c57519087610fd9565b3d915061119a565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b3461015c575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261015c57602060405173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000168152f35b3461015c575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261015c576112906120f8565b335f525f60205260405f205480156113df57335f525f6020525f60408120556112bb81600154611c52565b6001556040518181527fd8138f8a3f377c5259ca548e70e4c2de94f129f5a11036a15b69513cba2b426a60203392a27f000000000000000000000000000000000000000000000000000000000000000090604051907fa9059cbb000000000000000000000000000000000000000000000000000000005f523360045260245260205f60448180865af19060015f51148216156113bf575b501561137d575f7f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d005b73ffffffffffffffffffffffffffffffffffffffff907f5274afe7000000000000000000000000000000000000000000000000000000005f521660045260245ffd5b60018215166113d75750813b15153d15161682611352565b3d5f823e3d90fd5b7f969bf728000000000000000000000000000000000000000000000000000000005f5260045ffd5b3461015c576101807ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261015c57604051602081017f5339b4e271df3bdaa093fa26e93445b9bb41284523a9ed36ab415579eba4f0a98152600435604083015260243573ffffffffffffffffffffffffffffffffffffffff811680910361015c57606083015260443573ffffffffffffffffffffffffffffffffffffffff811680910361015c57608083015260643560a083015260843560c083015260a43573ffffffffffffffffffffffffffffffffffffffff811680910361015c5760e083015260c43573ffffffffffffffffffffffffffffffffffffffff811680910361015c5761010083015260e43561ffff811680910361015c57610120830152610104356101408301526101243560ff811680910361015c57610160830152610144359167ffffffffffffffff831680930361015c57602092610180820152610164356101a08201526101a081526115816101c082611c11565b519020604051908152f35b3461015c5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261015c5773ffffffffffffffffffffffffffffffffffffffff6115d8611ade565b165f525f602052602060405f2054604051908152f35b3461015c575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261015c5760206040517f5339b4e271df3bdaa093fa26e93445b9bb41284523a9ed36ab415579eba4f0a98152f35b3461015c575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261015c5760206040516203d0908152f35b3461015c5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261015c5773ffffffffffffffffffffffffffffffffffffffff6116cd611ade565b165f526002602052602060ff60405f2054166040519015158152f35b3461015c5760a07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261015c5760043567ffffffffffffffff811161015c573660238201121561015c57806004013567ffffffffffffffff811161015c576024820191602482369201011161015c57611762611abb565b9161176b611b22565b91611774611b33565b6084359082151580611a35575b15611a0d5761179a61ffff86169561012c871115611d28565b6117a5368486611d60565b6020815191012093845f52600460205273ffffffffffffffffffffffffffffffffffffffff60405f205416806119e257506040516117e281611bc8565b338152602081019267ffffffffffffffff1692838152604082019873ffffffffffffffffffffffffffffffffffffffff1698898152606083018981526080840192878452895f52600460205260405f20945173ffffffffffffffffffffffffffffffffffffffff1673ffffffffffffffffffffffffffffffffffffffff1685547fffffffffffffffffffffffff0000000000000000000000000000000000000000161785555167ffffffffffffffff166118e49085907fffffffff0000000000000000ffffffffffffffffffffffffffffffffffffffff7bffffffffffffffff000000000000000000000000000000000000000083549260a01b169116179055565b60018401915173ffffffffffffffffffffffffffffffffffffffff1673ffffffffffffffffffffffffffffffffffffffff1682547fffffffffffffffffffffffff0000000000000000000000000000000000000000161782555161ffff1661198d91907fffffffffffffffffffff0000ffffffffffffffffffffffffffffffffffffffff75ffff000000000000000000000000000000000000000083549260a01b169116179055565b519060020155604051936080855260808501906119a992611dc4565b94602084015260408301526060820152803393037f86ddba4659e2a8b05c39b99c638f2ac36da214c759796cc1b75a5ceaf9297c3d91a4005b7f8973d173000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b7f8badf33a000000000000000000000000000000000000000000000000000000005f5260045ffd5b506040831115611781565b3461015c575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261015c576020604051620f42408152f35b3461015c575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261015c576020611ab3611c5f565b604051908152f35b6024359073ffffffffffffffffffffffffffffffffffffffff8216820361015c57565b6004359073ffffffffffffffffffffffffffffffffffffffff8216820361015c57565b359073ffffffffffffffffffffffffffffffffffffffff8216820361015c57565b6044359061ffff8216820361015c57565b6064359067ffffffffffffffff8216820361015c57565b907ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc82016101a0811261015c576101801361015c57600491610184359067ffffffffffffffff821161015c577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc8260e09203011261015c5760040190565b60a0810190811067ffffffffffffffff821117611be457604052565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b90601f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0910116810190811067ffffffffffffffff821117611be457604052565b919082039182116111bf57565b6040517f70a0823100000000000000000000000000000000000000000000000000000000815230600482015260208160248173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000165afa908115610850575f91611cf6575b5060015480821115611cf057611ced91611c52565b90565b50505f90565b90506020813d602011611d20575b81611d1160209383611c11565b8101031261015c57515f611cd8565b3d9150611d04565b15611d305750565b61ffff907f431e19e7000000000000000000000000000000000000000000000000000000005f521660045260245ffd5b92919267ffffffffffffffff8211611be45760405191611da860207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f8401160184611c11565b82948184528183011161015c578281602093845f960137010152565b601f82602094937fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe093818652868601375f8582860101520116010190565b60405160208101917f5339b4e271df3bdaa093fa26e93445b9bb41284523a9ed36ab415579eba4f0a983528035604083015273ffffffffffffffffffffffffffffffffffffffff611e5560208301611b01565b16606083015273ffffffffffffffffffffffffffffffffffffffff611e7c60408301611b01565b166080830152606081013560a0830152608081013560c083015273ffffffffffffffffffffffffffffffffffffffff611eb760a08301611b01565b1660e083015273ffffffffffffffffffffffffffffffffffffffff611ede60c08301611b01565b1661010083015260e081013561ffff8116810361015c5761ffff1661012083015261010081013561014083015261012081013560ff811680910361015c576101608301526101408101359067ffffffffffffffff8216820361015c5767ffffffffffffffff610160921661018084015201356101a08201526101a08152611f676101c082611c11565b51902090565b67ffffffffffffffff8111611be45760051b60200190565b9035907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff218136030182121561015c570190565b8051821015611fcc5760209160051b010190565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b3573ffffffffffffffffffffffffffffffffffffffff8116810361015c5790565b9061ffff169161012c831161209e57612710820492600a840290848204600a14851517156111bf57612710840691600a830290838204600a14841517156111bf57611ced9361271061208a612078612091948361209997049061217f565b9561208481889c61216c565b9361216c565b049061217f565b918295611c52565b611c52565b7fa94a61dc000000000000000000000000000000000000000000000000000000005f5260045ffd5b3560ff8116810361015c5790565b3567ffffffffffffffff8116810361015c5790565b3561ffff8116810361015c5790565b7f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005c6121445760017f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d565b7f3ee5aeb5000000000000000000000000000000000000000000000000000000005f5260045ffd5b818102929181159184041417156111bf57565b919082018092116111bf57565b6040519061219982611bc8565b5f808352602083018181526040840182905260608085019081526080850192909252906040519060806121cc8184611c11565b600383527fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe00136602084013752604051907f70a0823100000000000000000000000000000000000000000000000000000000825230600483015260208260248173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000165afa918215610850575f92612276575052565b9091506020813d60201161229f575b8161229260209383611c11565b8101031261015c57519052565b3d9150612285565b939192906122c06122ba604086016120c6565b8261263b565b7fffffffff00000000000000000000000000000000000000000000000000000000811615806123e5575b6123be575b7fffffffff00000000000000000000000000000000000000000000000000000000168061239b5750610100810135936123368361232f61014085016120d4565b8784612978565b95909686881561238f57508361238a6106a261067c9795856106ae6106a861069a6060987f2d2c8e103841ecf8d948b8e74d4617b7f6d548a5c83ad64846ca7366d6d94f759a60a06106879e019e8f611ff9565b0390a4565b5f985096505050505050565b945050509050604051916020830152600482526123b9602483611c11565b5f9190565b507f70f65caa000000000000000000000000000000000000000000000000000000006122ef565b5067ffffffffffffffff6123fc61014084016120d4565b164210156122ea565b6040517f70a0823100000000000000000000000000000000000000000000000000000000815230600482015260208160248173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000165afa8015610850575f906124c8575b61248d9150602083015190611c52565b905180821061249a575050565b7f4115a76c000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b506020813d6020116124f4575b816124e260209383611c11565b8101031261015c5761248d905161247d565b3d91506124d5565b61252b60408201517f000000000000000000000000000000000000000000000000000000000000000083612d23565b5f916060608083019201925b82518110156125a4578061259e73ffffffffffffffffffffffffffffffffffffffff6125666001948851611fb8565b5116805f527f43b5be5d1a6dd352fcf5f199656b88ca5cc4737f0b75fc04c78996444651bbe860205260405f20905f825c925d612dd7565b01612537565b50915050565b5f52600460205260405f209073ffffffffffffffffffffffffffffffffffffffff8254163381036125d85750565b7fcbc94053000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b6040805173ffffffffffffffffffffffffffffffffffffffff9290921660208301908152828201939093528152611f67606082611c11565b90468235036128775761265060208301611ff9565b73ffffffffffffffffffffffffffffffffffffffff309116036128515761267960408301611ff9565b73ffffffffffffffffffffffffffffffffffffffff807f00000000000000000000000000000000000000000000000000000000000000001691160361282b5760ff6126c761012084016120c6565b166128055760ff60019116116127e057610100810135156127bb5760e0810161012c61ffff6126f5836120e9565b16116127955761270f61270a60a08401611ff9565b612f93565b1561276f5761272061ffff916120e9565b1615159081612757575b50612733575f90565b7fb387a2380000000000000000000000000000000000000000000000000000000090565b612768915060c061270a9101611ff9565b155f61272a565b50507fb387a2380000000000000000000000000000000000000000000000000000000090565b50507fa94a61dc0000000000000000000000000000000000000000000000000000000090565b507f2c5211c60000000000000000000000000000000000000000000000000000000090565b507f35a08a070000000000000000000000000000000000000000000000000000000090565b50507f2a580d6d0000000000000000000000000000000000000000000000000000000090565b50507fa0f3feea0000000000000000000000000000000000000000000000000000000090565b50507fd348b9b00000000000000000000000000000000000000000000000000000000090565b50507f10dfc0330000000000000000000000000000000000000000000000000000000090565b9035907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe18136030182121561015c570180359067ffffffffffffffff821161015c5760200191813603831361015c57565b9061292e9161290461293394969795978861201a565b9491978198612915819b865161217f565b85526129266040860191825161217f565b905283612d23565b612d23565b565b335f52600260205260ff60405f2054161561294c57565b7f7fa08c88000000000000000000000000000000000000000000000000000000005f523360045260245ffd5b90915f91600160ff61298c604084016120c6565b16149160c082019261299e848461289d565b905015612ba05715612b79577f88b7ab6300000000000000000000000000000000000000000000000000000000955b6129d683611ff9565b936129e1908461289d565b929093604051978896602088019a8b5273ffffffffffffffffffffffffffffffffffffffff166024880152306044880152606487015260200135608486015267ffffffffffffffff1660a485015260c484015260e4830160e09052610104830190612a4b92611dc4565b037fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe081018352612a7b9083611c11565b5a9080612b4c5750620fa75111612b24575f91829151908273ffffffffffffffffffffffffffffffffffffffff7f000000000000000000000000000000000000000000000000000000000000000016620f4240f1903d916101008311612b1a575b60207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f60405195808752805f8589013e01168401016040529190565b6101009250612adc565b7f1c26714c000000000000000000000000000000000000000000000000000000005f5260045ffd5b807f4e487b7100000000000000000000000000000000000000000000000000000000602492526011600452fd5b7fcf09299500000000000000000000000000000000000000000000000000000000956129cd565b909460a0945091925060ff919015612cfc577fef55bec600000000000000000000000000000000000000000000000000000000955b67ffffffffffffffff612be785611ff9565b96612bf4606087016120c6565b9373ffffffffffffffffffffffffffffffffffffffff6040519960208b019b8c521660248a01523060448a01526064890152602086013560848901521660a487015260c48601521660e4840152608081013561010484015201356101248201526101248152612c6561014482611c11565b620407205a10612b24575f91829151908273ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000166203d090f1903d916101008311612b1a5760207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f60405195808752805f8589013e01168401016040529190565b7fe3ee160e0000000000000000000000000000000000000000000000000000000095612bd5565b908215612dd25773ffffffffffffffffffffffffffffffffffffffff1691825f527f43b5be5d1a6dd352fcf5f199656b88ca5cc4737f0b75fc04c78996444651bbe860205260405f2092835c908115612d86575b50612d82925061217f565b905d565b60806060850151940180517fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff81146111bf57612d8295612dcb92600183019052611fb8565b525f612d77565b505050565b906040519173ffffffffffffffffffffffffffffffffffffffff60208401917fa9059cbb000000000000000000000000000000000000000000000000000000008352169283602482015282604482015260448152612e36606482611c11565b620340b65a10612b24575f91829151908273ffffffffffffffffffffffffffffffffffffffff7f00000000000000000000000000000000000000000000000000000000000000001662030d40f13d6101008111612f8a575b60405181815260207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f82840194805f873e011682010160405282612f2c575b5050612f285760207fbffd8b1dfcb7a7737e8625fea2ec3068c42704659c5b62688d25d1f9c25fa93391835f525f825260405f20612f0e82825461217f565b9055612f1c8160015461217f565b600155604051908152a2565b5050565b5180159250908215612f42575b50505f80612ecf565b60019250519060208110612f5a575b50145f80612f39565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff9060200360031b1b165f612f51565b50610100612e8e565b73ffffffffffffffffffffffffffffffffffffffff168015159081612fb6575090565b905030141590565b612fc883836130f2565b5060048110156130c5571590816130a2575b5061309a57803b15159182612ff1575b5050905090565b5f925060647fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f866020975190604051957f1626ba7e00000000000000000000000000000000000000000000000000000000875260048701526040602487015288820190604487015e86848287010152011601915afa7f1626ba7e000000000000000000000000000000000000000000000000000000005f5114601f3d111616805f80612fea565b505050600190565b905073ffffffffffffffffffffffffffffffffffffffff8083169116145f612fda565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52602160045260245ffd5b81519190604183036131225761311b9250602082015190606060408401519301515f1a9061312c565b9192909190565b50505f9160029190565b91907f7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a084116131b0579160209360809260ff5f9560405194855216868401526040830152606082015282805260015afa15610850575f5173ffffffffffffffffffffffffffffffffffffffff8116156131a657905f905f90565b505f906001905f90565b5050505f916003919056" as const;

/** Is keccak256 of the runtime code of `ZoneSettlement` before its immutables are filled in. */
export const zoneSettlementRuntimeHash =
  "0x8d5d3759d4b9ac5da7f608e6fc592e46681d64961967c1f1df3c179b466e0a3c" as const;
